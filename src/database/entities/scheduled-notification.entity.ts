import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintAsNumber } from './bigint-as-number.js';

/** A notification to be sent at a time, and what became of it. */
@Entity('notification_schedule')
@Index('uq_notification_schedule_key', ['idempotencyKey'], { unique: true })
@Index('ix_notification_schedule_due', ['state', 'dueAt'])
export class ScheduledNotificationEntity {
  @PrimaryColumn({ type: 'varchar', length: 36 })
  id: string;

  @Column({ name: 'idempotency_key', type: 'varchar', length: 64 })
  idempotencyKey: string;

  /** JSON: target and notification, as they were accepted. */
  @Column({ type: 'text' })
  request: string;

  /** Milliseconds since the epoch, like all times here. */
  @Column({ name: 'due_at', type: 'bigint', transformer: bigintAsNumber })
  dueAt: number;

  @Column({ type: 'varchar', length: 12 })
  state: 'pending' | 'sending' | 'sent' | 'cancelled' | 'failed';

  @Column({ name: 'created_at', type: 'bigint', transformer: bigintAsNumber })
  createdAt: number;

  /** By which attempt it was last taken in hand, or cancelled; null: by none. */
  @Column({ name: 'claimed_by', type: 'varchar', length: 36, nullable: true })
  claimedBy: string | null;

  /** When that was. */
  @Column({ name: 'claimed_at', type: 'bigint', nullable: true, transformer: bigintAsNumber })
  claimedAt: number | null;

  /** JSON: ids of what was stored, or the error. */
  @Column({ type: 'text', nullable: true })
  result: string | null;
}
