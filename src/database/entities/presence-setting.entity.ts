import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintAsNumber } from './bigint-as-number.js';

/** How a user wants to look, and to whom; a user without a row has the defaults. */
@Entity('presence_settings')
@Index('ix_presence_settings_changed', ['changedAt'])
export class PresenceSettingEntity {
  @PrimaryColumn({ name: 'user_id', type: 'varchar', length: 120 })
  userId: string;

  /** `busy`, `away` or `invisible`; null: his devices decide. */
  @Column({ type: 'varchar', length: 16, nullable: true })
  choice: string | null;

  @Column({ name: 'status_text', type: 'varchar', length: 512, nullable: true })
  statusText: string | null;

  /** Milliseconds since the epoch; null: the text stays. */
  @Column({ name: 'status_until', type: 'bigint', nullable: true, transformer: bigintAsNumber })
  statusUntil: number | null;

  /** `contacts` or `nobody`; null: everybody. */
  @Column({ name: 'online_to', type: 'varchar', length: 16, nullable: true })
  onlineTo: string | null;

  @Column({ name: 'last_seen_to', type: 'varchar', length: 16, nullable: true })
  lastSeenTo: string | null;

  /** Milliseconds since the epoch, by the clock of the database. */
  @Column({ name: 'changed_at', type: 'bigint', transformer: bigintAsNumber })
  changedAt: number;
}
