import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintAsNumber } from './bigint-as-number.js';

/** One conversation and its head; the row whose lock gives out sequence numbers. */
@Entity('conversations')
@Index('ix_conversations_moved', ['movedAt'])
export class ConversationEntity {
  @PrimaryColumn({ type: 'varchar', length: 255 })
  id: string;

  @Column({ type: 'varchar', length: 16 })
  kind: string;

  /** Last sequence number; 0 when empty. */
  @Column({ name: 'head_seq', type: 'bigint', transformer: bigintAsNumber })
  headSeq: number;

  /** Milliseconds since the epoch. */
  @Column({ name: 'moved_at', type: 'bigint', transformer: bigintAsNumber })
  movedAt: number;

  /** JSON; belongs to the room whose kind of conversation it is. */
  @Column({ type: 'text', nullable: true })
  state: string | null;

  /** Milliseconds since the epoch. */
  @Column({ name: 'created_at', type: 'bigint', transformer: bigintAsNumber })
  createdAt: number;
}
