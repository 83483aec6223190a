import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintAsNumber } from './bigint-as-number.js';

/** Somebody was named in a message. Written with the message, and only when there is one. */
@Entity('chat_mentions')
@Index('ix_chat_mentions_entry', ['conversationId', 'seq'])
export class ChatMentionEntity {
  /** Empty: everybody in the conversation. */
  @PrimaryColumn({ name: 'user_id', type: 'varchar', length: 120 })
  userId: string;

  @PrimaryColumn({ name: 'conversation_id', type: 'varchar', length: 255 })
  conversationId: string;

  @PrimaryColumn({ type: 'bigint', transformer: bigintAsNumber })
  seq: number;

  @Column({ name: 'sender_id', type: 'varchar', length: 120 })
  senderId: string;

  /** Milliseconds since the epoch: the message's own time. */
  @Column({ name: 'created_at', type: 'bigint', transformer: bigintAsNumber })
  createdAt: number;
}
