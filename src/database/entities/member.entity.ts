import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintAsNumber } from './bigint-as-number.js';

/** A member of a conversation and how far he has got. */
@Entity('members')
@Index('ix_members_conversation', ['conversationId', 'userId'])
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

  /** The last entry that was for him; null while he is a member. */
  @Column({ name: 'left_seq', type: 'bigint', nullable: true, transformer: bigintAsNumber })
  leftSeq: number | null;

  /** Milliseconds since the epoch. */
  @Column({ name: 'joined_at', type: 'bigint', transformer: bigintAsNumber })
  joinedAt: number;
}
