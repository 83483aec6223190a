import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintAsNumber } from './bigint-as-number.js';

/** One emoji of one user on a message. */
@Entity('message_reactions')
export class MessageReactionEntity {
  @PrimaryColumn({ name: 'conversation_id', type: 'varchar', length: 255 })
  conversationId: string;

  /** Of the message. */
  @PrimaryColumn({ type: 'bigint', transformer: bigintAsNumber })
  seq: number;

  @PrimaryColumn({ type: 'varchar', length: 64 })
  emoji: string;

  @PrimaryColumn({ name: 'user_id', type: 'varchar', length: 120 })
  userId: string;

  /** Milliseconds since the epoch. */
  @Column({ name: 'reacted_at', type: 'bigint', transformer: bigintAsNumber })
  reactedAt: number;
}
