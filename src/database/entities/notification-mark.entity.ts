import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintAsNumber } from './bigint-as-number.js';

/** What a user did with one notification, where his read cursor does not say so. */
@Entity('notification_marks')
export class NotificationMarkEntity {
  @PrimaryColumn({ name: 'user_id', type: 'varchar', length: 120 })
  userId: string;

  @PrimaryColumn({ name: 'conversation_id', type: 'varchar', length: 255 })
  conversationId: string;

  @PrimaryColumn({ type: 'bigint', transformer: bigintAsNumber })
  seq: number;

  @Column({ type: 'varchar', length: 8 })
  state: 'read' | 'deleted';
}
