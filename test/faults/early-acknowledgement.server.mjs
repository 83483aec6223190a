// A broken server on purpose: it acknowledges, delivers and only then commits. Tests must catch it; nobody else may run it.
import 'reflect-metadata';
import { setTimeout as delay } from 'node:timers/promises';
import { loadEnvironment } from '../../dist/config/index.js';
import { createApp } from '../../dist/create-app.js';
import { Database } from '../../dist/database/index.js';

/** Milliseconds from the acknowledgement to the commit. */
const COMMIT_DELAY = 20;

function acknowledgeEarly({ door }) {
  const { handle, turnstile } = door;
  door.exclusive = async (work) => {
    const begun = turnstile.pass(() => {
      handle.exec('BEGIN IMMEDIATE');
      return work(handle);
    });
    void turnstile.pass(async () => {
      await delay(COMMIT_DELAY);
      handle.exec('COMMIT');
    });
    return begun;
  };
}

const config = loadEnvironment();
const app = await createApp(config);
acknowledgeEarly(app.get(Database));
await app.listen(config.http.port, config.http.host);
process.stdout.write('Rookery is ready, and broken\n');
