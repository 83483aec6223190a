// A broken server on purpose: SQLite does not fsync at each commit. Tests must catch it; nobody else may run it.
import 'reflect-metadata';
import { loadEnvironment } from '../../dist/config/index.js';
import { createApp } from '../../dist/create-app.js';
import { Database } from '../../dist/database/index.js';

const config = loadEnvironment();
const app = await createApp(config);
app.get(Database).door.handle.pragma('synchronous = NORMAL');
await app.listen(config.http.port, config.http.host);
process.stdout.write('Rookery is ready, and broken\n');
