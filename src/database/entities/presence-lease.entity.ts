import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintAsNumber } from './bigint-as-number.js';

/** The devices that a user has on one node; counts while the node's own lease does. */
@Entity('presence_leases')
@Index('ix_presence_leases_changed', ['changedAt'])
export class PresenceLeaseEntity {
  @PrimaryColumn({ name: 'user_id', type: 'varchar', length: 120 })
  userId: string;

  @PrimaryColumn({ name: 'node_id', type: 'varchar', length: 64 })
  nodeId: string;

  /** Boot of the node that wrote it: milliseconds since the epoch. */
  @Column({ type: 'bigint', transformer: bigintAsNumber })
  incarnation: number;

  /** `online`, `busy` or `away`; null: the last device has gone. */
  @Column({ type: 'varchar', length: 16, nullable: true })
  state: string | null;

  /** JSON: a list of names. */
  @Column({ type: 'text' })
  platforms: string;

  /** Milliseconds since the epoch, by the clock of the database. */
  @Column({ name: 'changed_at', type: 'bigint', transformer: bigintAsNumber })
  changedAt: number;
}
