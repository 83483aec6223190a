import { freshDatabase, mariaDbUrl } from './mariadb.js';

/** An empty store for a server under test. */
export interface FreshStore {
  /** Undefined: the server's own SQLite file. */
  databaseUrl?: string;
  dispose(): Promise<void>;
}

/** Every store that this machine has; the global setup has said loudly which one is missing. */
export function stores(): { name: string; open: () => Promise<FreshStore> }[] {
  const server = mariaDbUrl();
  return [
    { name: 'SQLite', open: async () => ({ dispose: async () => undefined }) },
    ...(server ? [{ name: 'MariaDB', open: () => onMariaDb(server) }] : []),
  ];
}

async function onMariaDb(server: string): Promise<FreshStore> {
  const { url, drop } = await freshDatabase(server);
  return { databaseUrl: url, dispose: drop };
}
