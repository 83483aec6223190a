// A broken server on purpose: each time it starts it has forgotten how far everybody has come. Tests must catch it;
// nobody else may run it.
import 'reflect-metadata';
import { loadEnvironment } from '../../dist/config/index.js';
import { createApp } from '../../dist/create-app.js';
import { Database } from '../../dist/database/index.js';

const config = loadEnvironment();
const app = await createApp(config);
const { handle } = app.get(Database).door;
handle.exec('UPDATE members SET delivered_seq = 0, read_seq = 0');
handle.exec('DELETE FROM device_cursors');
await app.listen(config.http.port, config.http.host);
process.stdout.write('Rookery is ready, and broken\n');
