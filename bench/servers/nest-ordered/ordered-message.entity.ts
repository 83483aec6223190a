import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

/** A message with its place in its conversation, which can be sent again and is stored once. */
@Entity('messages')
@Index(['conversationId', 'seq'], { unique: true })
@Index(['conversationId', 'senderId', 'clientId'], { unique: true })
export class OrderedMessageEntity {
  @PrimaryGeneratedColumn()
  id: number;

  @Column({ type: 'varchar', length: 255 })
  conversationId: string;

  @Column({ type: 'int' })
  seq: number;

  @Column({ type: 'varchar', length: 120 })
  senderId: string;

  @Column({ type: 'varchar', length: 64 })
  clientId: string;

  @Column({ type: 'text' })
  body: string;

  @Column({ type: 'bigint' })
  createdAt: number;
}
