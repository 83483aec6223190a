import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintAsNumber } from './bigint-as-number.js';

/** One entry of a journal, without the body, whose column type has another name on each database. */
abstract class EntryColumns {
  @PrimaryColumn({ name: 'conversation_id', type: 'varchar', length: 255 })
  conversationId: string;

  @PrimaryColumn({ type: 'bigint', transformer: bigintAsNumber })
  seq: number;

  @Column({ type: 'varchar', length: 32 })
  type: string;

  @Column({ name: 'sender_id', type: 'varchar', length: 120 })
  senderId: string;

  /** Null: it was sent on a device without a name, or by no user. */
  @Column({ name: 'device_id', type: 'varchar', length: 64, nullable: true })
  deviceId: string | null;

  @Column({ name: 'client_id', type: 'varchar', length: 64 })
  clientId: string;

  /** Milliseconds since the epoch. */
  @Column({ name: 'created_at', type: 'bigint', transformer: bigintAsNumber })
  createdAt: number;
}

@Entity('entries')
@Index('uq_entries_client', ['conversationId', 'senderId', 'clientId'], { unique: true })
export class SqliteEntryEntity extends EntryColumns {
  /** JSON. */
  @Column({ type: 'text' })
  body: string;
}

@Entity('entries')
@Index('uq_entries_client', ['conversationId', 'senderId', 'clientId'], { unique: true })
export class MysqlEntryEntity extends EntryColumns {
  /** JSON, up to 16 MiB. */
  @Column({ type: 'mediumtext' })
  body: string;
}
