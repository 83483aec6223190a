import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintAsNumber } from './bigint-as-number.js';

/** A process that holds presence leases, for as long as it renews this row. */
@Entity('presence_nodes')
export class PresenceNodeEntity {
  @PrimaryColumn({ name: 'node_id', type: 'varchar', length: 64 })
  nodeId: string;

  /** Its boot: milliseconds since the epoch. The leases of an earlier one count no more. */
  @Column({ type: 'bigint', transformer: bigintAsNumber })
  incarnation: number;

  /** Milliseconds since the epoch, by the clock of the database. */
  @Column({ name: 'expires_at', type: 'bigint', transformer: bigintAsNumber })
  expiresAt: number;
}
