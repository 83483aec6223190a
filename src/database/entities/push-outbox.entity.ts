import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintAsNumber } from './bigint-as-number.js';

/** One entry to be told to one device through a provider, and what became of it. */
@Entity('push_outbox')
@Index('uq_push_outbox_entry', ['tokenId', 'conversationId', 'seq', 'kind'], { unique: true })
@Index('ix_push_outbox_due', ['state', 'dueAt'])
@Index('ix_push_outbox_user', ['userId', 'state', 'id'])
export class PushOutboxEntity {
  /** UUID of version 7, so that it orders; told to receivers as the id of the delivery. */
  @PrimaryColumn({ type: 'varchar', length: 36 })
  id: string;

  @Column({ name: 'token_id', type: 'varchar', length: 64 })
  tokenId: string;

  @Column({ name: 'user_id', type: 'varchar', length: 120 })
  userId: string;

  @Column({ name: 'conversation_id', type: 'varchar', length: 255 })
  conversationId: string;

  @Column({ type: 'bigint', transformer: bigintAsNumber })
  seq: number;

  @Column({ type: 'varchar', length: 8 })
  kind: 'entry' | 'withdraw';

  @Column({ type: 'varchar', length: 10 })
  state: 'pending' | 'sent' | 'dead' | 'done';

  @Column({ type: 'int' })
  attempts: number;

  /** Milliseconds since the epoch, like all times here: the next attempt, or when the last state began. */
  @Column({ name: 'due_at', type: 'bigint', transformer: bigintAsNumber })
  dueAt: number;

  @Column({ name: 'created_at', type: 'bigint', transformer: bigintAsNumber })
  createdAt: number;

  /** Why the last attempt failed; null: it did not. */
  @Column({ type: 'varchar', length: 255, nullable: true })
  error: string | null;
}
