import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A conversation that knows how many messages it has. */
@Entity('conversations')
export class ConversationEntity {
  @PrimaryColumn({ type: 'varchar', length: 255 })
  id: string;

  @Column({ type: 'int' })
  head: number;
}
