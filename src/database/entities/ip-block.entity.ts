import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintAsNumber } from './bigint-as-number.js';

/** An address or range that an administrator has blocked, besides those of `IP_BLOCKLIST`. */
@Entity('ip_blocks')
export class IpBlockEntity {
  /** An address, or a range in CIDR form, as it was given. */
  @PrimaryColumn({ name: 'ip_range', type: 'varchar', length: 64 })
  range: string;

  /** Milliseconds since the epoch. */
  @Column({ name: 'created_at', type: 'bigint', transformer: bigintAsNumber })
  createdAt: number;
}
