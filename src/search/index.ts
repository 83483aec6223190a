export { MysqlSearchIndex } from './mysql-search-index.js';
export * from './search-index.js';
export { SearchModule } from './search.module.js';
export { SearchService } from './search.service.js';
export { SqliteSearchIndex } from './sqlite-search-index.js';
