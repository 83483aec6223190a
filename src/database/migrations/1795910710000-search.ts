import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What messages are found by. Filled from the journal by the server, from the first entry on. */
export class Search1795910710000 implements MigrationInterface {
  readonly name = 'Search1795910710000';

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of isSqlite(runner) ? SQLITE : MYSQL) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    const tables = ['search_positions', 'search_documents', ...(isSqlite(runner) ? ['search_terms'] : [])];
    for (const table of tables) await runner.query(`DROP TABLE ${table}`);
  }
}

const isSqlite = (runner: QueryRunner): boolean => runner.dataSource.options.type === 'better-sqlite3';

const MYSQL_TABLE = 'ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin';

const MYSQL = [
  `CREATE TABLE search_documents (
    id BIGINT NOT NULL,
    conversation_id VARCHAR(255) NOT NULL,
    seq BIGINT NOT NULL,
    terms MEDIUMTEXT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE INDEX uq_search_documents_entry (conversation_id, seq),
    FULLTEXT INDEX ft_search_documents_terms (terms)
  ) ${MYSQL_TABLE}`,
  `CREATE TABLE search_positions (
    conversation_id VARCHAR(255) NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (conversation_id)
  ) ${MYSQL_TABLE}`,
];

/** Terms are ASCII words of our own: no positions, no text, no folding of letters. */
const SQLITE = [
  `CREATE TABLE search_documents (
    id bigint PRIMARY KEY NOT NULL,
    conversation_id varchar(255) NOT NULL,
    seq bigint NOT NULL
  )`,
  'CREATE UNIQUE INDEX uq_search_documents_entry ON search_documents (conversation_id, seq)',
  `CREATE VIRTUAL TABLE search_terms USING fts5(
    terms, content='', contentless_delete=1, detail=none, tokenize='ascii'
  )`,
  `CREATE TABLE search_positions (
    conversation_id varchar(255) PRIMARY KEY NOT NULL,
    seq bigint NOT NULL
  ) WITHOUT ROWID`,
];
