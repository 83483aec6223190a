import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintAsNumber } from './bigint-as-number.js';

/** A message that can be found. On SQLite its terms are in the virtual table `search_terms`. */
abstract class SearchDocumentColumns {
  /** Orders by the time of the message. */
  @PrimaryColumn({ type: 'bigint', transformer: bigintAsNumber })
  id: number;

  @Column({ name: 'conversation_id', type: 'varchar', length: 255 })
  conversationId: string;

  @Column({ type: 'bigint', transformer: bigintAsNumber })
  seq: number;
}

@Entity('search_documents')
@Index('uq_search_documents_entry', ['conversationId', 'seq'], { unique: true })
export class SqliteSearchDocumentEntity extends SearchDocumentColumns {}

@Entity('search_documents')
@Index('uq_search_documents_entry', ['conversationId', 'seq'], { unique: true })
@Index('ft_search_documents_terms', ['terms'], { fulltext: true })
export class MysqlSearchDocumentEntity extends SearchDocumentColumns {
  @Column({ type: 'mediumtext' })
  terms: string;
}

/** How far a conversation is indexed. The one without an id: until when moves were looked through, in milliseconds. */
@Entity('search_positions')
export class SearchPositionEntity {
  @PrimaryColumn({ name: 'conversation_id', type: 'varchar', length: 255 })
  conversationId: string;

  @Column({ type: 'bigint', transformer: bigintAsNumber })
  seq: number;
}
