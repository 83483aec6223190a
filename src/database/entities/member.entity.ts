import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintAsNumber } from './bigint-as-number.js';

/** A member of a conversation and how far he has got. */
@Entity('members')
@Index('ix_members_conversation', ['conversationId', 'userId'])
@Index('ix_members_role', ['conversationId', 'role', 'userId'])
export class MemberEntity {
  @PrimaryColumn({ name: 'user_id', type: 'varchar', length: 120 })
  userId: string;

  @PrimaryColumn({ name: 'conversation_id', type: 'varchar', length: 255 })
  conversationId: string;

  /** Entries up to and including this one are not for this member. */
  @Column({ name: 'joined_seq', type: 'bigint', transformer: bigintAsNumber })
  joinedSeq: number;

  @Column({ name: 'delivered_seq', type: 'bigint', transformer: bigintAsNumber })
  deliveredSeq: number;

  @Column({ name: 'read_seq', type: 'bigint', transformer: bigintAsNumber })
  readSeq: number;

  /** The last entry that was for him; null while he is a member, 0 if he never was one. */
  @Column({ name: 'left_seq', type: 'bigint', nullable: true, transformer: bigintAsNumber })
  leftSeq: number | null;

  /** Belongs to the room whose kind of conversation it is; null: none. */
  @Column({ type: 'varchar', length: 16, nullable: true })
  role: string | null;

  /** JSON, likewise. */
  @Column({ type: 'text', nullable: true })
  attributes: string | null;

  /** JSON, `[[joined, left], …]`: when he was a member before he came back; null: he never did. */
  @Column({ name: 'earlier_stays', type: 'varchar', length: 1024, nullable: true })
  earlierStays: string | null;

  /** Milliseconds since the epoch. */
  @Column({ name: 'joined_at', type: 'bigint', transformer: bigintAsNumber })
  joinedAt: number;
}
