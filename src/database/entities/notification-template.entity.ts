import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintAsNumber } from './bigint-as-number.js';

/** What a notification says in one language, with gaps to fill. */
@Entity('notification_templates')
export class NotificationTemplateEntity {
  @PrimaryColumn({ type: 'varchar', length: 64 })
  name: string;

  /** BCP 47, or `default`. */
  @PrimaryColumn({ type: 'varchar', length: 35 })
  locale: string;

  /** JSON whose strings are Liquid templates. */
  @Column({ type: 'text' })
  content: string;

  /** Milliseconds since the epoch. */
  @Column({ name: 'updated_at', type: 'bigint', transformer: bigintAsNumber })
  updatedAt: number;
}
