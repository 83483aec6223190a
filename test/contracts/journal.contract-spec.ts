import { mysqlJournal, sqliteJournal } from '../support/journal-harness.js';
import { mariaDbUrl } from '../support/mariadb.js';
import { journalContract } from './journal.contract.js';

const server = mariaDbUrl();

journalContract('SQLite', sqliteJournal);
journalContract('MariaDB', server === undefined ? undefined : () => mysqlJournal(server));
