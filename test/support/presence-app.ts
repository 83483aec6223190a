import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Test } from '@nestjs/testing';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule, loadConfig, RookeryHttpAdapter, RookeryWsAdapter } from '../../src/index.js';
import { ContactDirectory } from '../../src/contacts/index.js';
import { KnownContacts } from './known-contacts.js';
import { TEST_SECRET } from './server.js';

/** The application with contacts that the test makes, listening on a free port. */
export interface PresenceApp {
  app: NestExpressApplication;
  contacts: KnownContacts;
  port: number;
  url: string;
  stop(): Promise<void>;
}

export async function presenceApp(env: Record<string, string> = {}): Promise<PresenceApp> {
  const folder = mkdtempSync(join(tmpdir(), 'rookery-presence-'));
  const config = loadConfig({
    DATABASE_URL: `sqlite:${join(folder, 'rookery.db')}`,
    JWT_SECRET: TEST_SECRET,
    LOG_LEVEL: 'silent',
    ...env,
  });
  const contacts = new KnownContacts();
  const module = await Test.createTestingModule({ imports: [AppModule.forRoot(config)] })
    .overrideProvider(ContactDirectory)
    .useValue(contacts)
    .compile();
  const app = module.createNestApplication<NestExpressApplication>(new RookeryHttpAdapter(undefined), {
    bodyParser: false,
    logger: process.env.PRESENCE_LOG ? ['error', 'warn'] : false,
  });
  app.useBodyParser('json');
  app.useWebSocketAdapter(new RookeryWsAdapter(app));
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  return {
    app,
    contacts,
    port: Number(new URL(url).port),
    url,
    stop: async () => {
      await app.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
