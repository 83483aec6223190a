import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

/** A message as a team would first model it: a running number and no order of its own. */
@Entity('messages')
@Index(['conversationId', 'senderId', 'clientId'], { unique: true })
export class MessageEntity {
  @PrimaryGeneratedColumn()
  id: number;

  @Column({ type: 'varchar', length: 255 })
  conversationId: string;

  @Column({ type: 'varchar', length: 120 })
  senderId: string;

  @Column({ type: 'varchar', length: 64 })
  clientId: string;

  @Column({ type: 'text' })
  body: string;

  @Column({ type: 'bigint' })
  createdAt: number;
}
