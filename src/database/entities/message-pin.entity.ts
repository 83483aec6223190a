import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintAsNumber } from './bigint-as-number.js';

/** A message that is pinned in its conversation. */
@Entity('message_pins')
export class MessagePinEntity {
  @PrimaryColumn({ name: 'conversation_id', type: 'varchar', length: 255 })
  conversationId: string;

  /** Of the message. */
  @PrimaryColumn({ type: 'bigint', transformer: bigintAsNumber })
  seq: number;

  @Column({ name: 'user_id', type: 'varchar', length: 120 })
  userId: string;

  /** Milliseconds since the epoch. */
  @Column({ name: 'pinned_at', type: 'bigint', transformer: bigintAsNumber })
  pinnedAt: number;
}
