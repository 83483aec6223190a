import { Module } from '@nestjs/common';
import { Database, MysqlDatabase, SqliteDatabase } from '../database/index.js';
import { IndexerService } from './indexer.service.js';
import { MysqlSearchIndex } from './mysql-search-index.js';
import { SearchIndex } from './search-index.js';
import { SearchController } from './search.controller.js';
import { SearchGateway } from './search.gateway.js';
import { SearchService } from './search.service.js';
import { SqliteSearchIndex } from './sqlite-search-index.js';

function indexOn(database: Database): SearchIndex {
  if (database instanceof SqliteDatabase) return new SqliteSearchIndex(database);
  if (database instanceof MysqlDatabase) return new MysqlSearchIndex(database);
  throw new Error('There is no search index for this database');
}

@Module({
  controllers: [SearchController],
  providers: [
    { provide: SearchIndex, inject: [Database], useFactory: indexOn },
    IndexerService,
    SearchGateway,
    SearchService,
  ],
  exports: [SearchService],
})
export class SearchModule {}
