import { DataSource } from 'typeorm';
import { loadEnvironment } from '../config/index.js';
import { dataSourceOptions } from './data-source-options.js';
import { flavourOf } from './mysql-flavour.js';

const { database } = loadEnvironment();

/** For the TypeORM CLI. */
// oxlint-disable-next-line import/no-default-export -- ormconfig.ts at the top re-exports it by that name
export default new DataSource(dataSourceOptions(database, await flavourOf(database)));
