import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintAsNumber } from './bigint-as-number.js';

/** A user whose tokens were revoked by an administrator. */
@Entity('token_revocations')
export class TokenRevocationEntity {
  @PrimaryColumn({ name: 'user_id', type: 'varchar', length: 120 })
  userId: string;

  /** Tokens issued up to then are refused; milliseconds since the epoch. */
  @Column({ name: 'issued_until', type: 'bigint', transformer: bigintAsNumber })
  issuedUntil: number;
}
