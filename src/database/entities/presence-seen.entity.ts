import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintAsNumber } from './bigint-as-number.js';

/** When a user was last there. */
@Entity('presence_seen')
export class PresenceSeenEntity {
  @PrimaryColumn({ name: 'user_id', type: 'varchar', length: 120 })
  userId: string;

  /** Milliseconds since the epoch; never goes back. */
  @Column({ name: 'seen_at', type: 'bigint', transformer: bigintAsNumber })
  seenAt: number;
}
