import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintAsNumber } from './bigint-as-number.js';

/** How one user wants to have one conversation; nobody else sees it. No row: as it comes. */
@Entity('conversation_settings')
export class ConversationSettingsEntity {
  @PrimaryColumn({ name: 'user_id', type: 'varchar', length: 120 })
  userId: string;

  @PrimaryColumn({ name: 'conversation_id', type: 'varchar', length: 255 })
  conversationId: string;

  /** Milliseconds since the epoch; 0: not muted. */
  @Column({ name: 'muted_until', type: 'bigint', transformer: bigintAsNumber })
  mutedUntil: number;

  /** 1 or 0. */
  @Column({ type: 'int' })
  pinned: number;

  /** 1 or 0. */
  @Column({ type: 'int' })
  archived: number;
}
