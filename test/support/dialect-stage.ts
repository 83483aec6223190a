import { setTimeout as delay } from 'node:timers/promises';
import type { GroupSettings } from '@rookery/protocol';
import { DialectClient, USHER, USHERED, type DialectName, type DialectOptions } from './dialect-client.js';
import { RawClient, tokenFor, type ConnectOptions } from './raw-client.js';
import { TestServer, type ServerOptions } from './server.js';
import type { FreshStore } from './stores.js';

/** Milliseconds between two questions for what is told to nobody. */
const POLL = 20;

/** A server, its store, and everybody connected to it, for one spec. */
export class DialectStage {
  private readonly clients: { close(): Promise<void> }[] = [];
  private counter = 0;

  private constructor(
    readonly server: TestServer,
    private readonly store: FreshStore,
  ) {}

  static async open(store: FreshStore, options: ServerOptions = {}): Promise<DialectStage> {
    return new DialectStage(await TestServer.start({ ...options, databaseUrl: store.databaseUrl }), store);
  }

  /** On a server that is somebody else's to stop. */
  static around(server: TestServer): DialectStage {
    return new DialectStage(server, { dispose: async () => undefined });
  }

  /** A name that nobody has had. */
  name(hint: string): string {
    return `${hint}${++this.counter}`;
  }

  async connect(dialect: DialectName, user: string, options?: DialectOptions): Promise<DialectClient> {
    const client = await DialectClient.connect(this.server, dialect, user, options);
    this.clients.push(client);
    return client;
  }

  async native(user: string, options?: ConnectOptions): Promise<RawClient> {
    const client = await RawClient.connect(this.server, user, options);
    this.clients.push(client);
    return client;
  }

  /** The HTTP status that a handshake is refused with; 101 when it is not. */
  async refusal(dialect: DialectName, user: string, options: DialectOptions): Promise<number> {
    try {
      await this.connect(dialect, user, options);
      return 101;
    } catch (error) {
      return Number(/response: (\d+)/.exec((error as Error).message)?.[1]);
    }
  }

  async post(
    path: string,
    body: unknown,
    user = 'root',
    claims: object = { role: 'admin' },
  ): Promise<Response> {
    return fetch(`${this.server.url}${path}`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Authorization: `Bearer ${tokenFor(user, { ...claims })}`,
      },
      body: JSON.stringify(body),
    });
  }

  /** Makes contacts of two users, of whom neither is there. */
  async link(user: string, other: string): Promise<void> {
    const { status } = await fetch(`${this.server.url}/api/v1/contacts/${other}?user=${user}`, {
      method: 'PUT',
      headers: { Authorization: `Bearer ${tokenFor('root', { role: 'admin' })}` },
    });
    if (status !== 200) throw new Error(`Linking answered ${status}`);
  }

  /**
   * Resolves when all that was missed is on a connection, which most dialects do not say: what is sent from now on comes
   * behind it. Forgets what has come.
   */
  async caughtUp(client: DialectClient, dialect: DialectName): Promise<void> {
    if (dialect === 'skyeim') await client.type('connected');
    else await this.fence(client, dialect);
    client.frames.length = 0;
  }

  /** Resolves when everything is on a connection that it is brought of what was committed, or pushed, before. */
  async fence(client: DialectClient, dialect: DialectName): Promise<void> {
    const content = `${USHERED}${++this.counter}`;
    if (dialect === 'skyeim' || dialect === 'kama') {
      const native = await RawClient.connect(this.server, USHER);
      await native.call('chat.send', { to: client.user, kind: 'text', content });
      await native.close();
    } else await this.post('/api/ws/send', { type: USHER, to: client.user, content });
    await client.until(() => client.ushered.has(content));
  }

  /** Resolves when everything a user has in his conversations counts as delivered. */
  async delivered(user: string): Promise<void> {
    const native = await RawClient.connect(this.server, user, { query: { sync: 'self' } });
    for (let done = false; !done;) {
      const { conversations } = await native.call('chat.sync', {});
      done = conversations.every(({ delivered, head }) => delivered === head);
      if (!done) await delay(POLL);
    }
    await native.close();
  }

  /** Made by its first member over REST; the others join. Gives its id. */
  async group(
    [owner = 'owner', ...others]: readonly string[],
    { id, visibility = 'open' }: { id?: string; visibility?: GroupSettings['visibility'] } = {},
  ): Promise<string> {
    const made = await this.post('/api/v1/groups', { id, name: 'A group', visibility }, owner, {});
    const { id: group } = (await made.json()) as { id: string };
    for (const member of others) {
      const client = await this.native(member);
      await client.call('group.join', { conversation: group });
      await client.close();
    }
    return group;
  }

  async disconnectAll(): Promise<void> {
    await Promise.all(this.clients.splice(0).map((client) => client.close()));
  }

  async close(): Promise<void> {
    await this.server.stop();
    await this.store.dispose();
  }
}
