import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintAsNumber } from './bigint-as-number.js';

/** A running server that tells devices, and how far it has looked through what it stored. */
@Entity('push_nodes')
export class PushNodeEntity {
  /** UUID of version 7: the oldest live node sends. */
  @PrimaryColumn({ type: 'varchar', length: 36 })
  id: string;

  /** Milliseconds since the epoch: what this node stored before was looked through. */
  @Column({ type: 'bigint', transformer: bigintAsNumber })
  position: number;

  /** Milliseconds since the epoch: its last sign of life. */
  @Column({ name: 'seen_at', type: 'bigint', transformer: bigintAsNumber })
  seenAt: number;
}
