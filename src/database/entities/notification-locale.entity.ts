import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The language a user reads notifications in, where he said so. */
@Entity('notification_locales')
export class NotificationLocaleEntity {
  @PrimaryColumn({ name: 'user_id', type: 'varchar', length: 120 })
  userId: string;

  /** BCP 47. */
  @Column({ type: 'varchar', length: 35 })
  locale: string;
}
