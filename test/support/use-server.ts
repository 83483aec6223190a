import { afterAll, afterEach, beforeAll } from 'vitest';
import { RawClient, type ConnectOptions } from './raw-client.js';
import { TestServer, type ServerOptions } from './server.js';
import type { FreshStore } from './stores.js';

export interface ServerStage {
  /** From the first `beforeAll` of the suite on. */
  readonly server: TestServer;
  /** Of a user with the native protocol; closed after the test. */
  connect(user: string, options?: ConnectOptions): Promise<RawClient>;
}

/** One server for all tests of the suite that calls this, on an empty store. */
export function useServer(options: ServerOptions & { open?: () => Promise<FreshStore> } = {}): ServerStage {
  const { open, ...rest } = options;
  const clients: RawClient[] = [];
  let store: FreshStore | undefined;
  let server: TestServer | undefined;

  beforeAll(async () => {
    store = await open?.();
    server = await TestServer.start({ databaseUrl: store?.databaseUrl, ...rest });
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
  });
  afterAll(async () => {
    await server?.stop();
    await store?.dispose();
  });

  const started = (): TestServer => {
    if (!server) throw new Error('The server is started in beforeAll');
    return server;
  };
  return {
    get server() {
      return started();
    },
    connect: async (user, connection) => {
      const client = await RawClient.connect(started(), user, connection);
      clients.push(client);
      return client;
    },
  };
}
