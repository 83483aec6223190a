import { setTimeout as delay } from 'node:timers/promises';
import type { StoredMessage } from './checker.js';
import type { Delivery } from './delivery-checker.js';
import { DialectClient, type AnyFrame, type DialectName } from './dialect-client.js';
import { shortToken } from './dialect-load.js';
import { SPEECH, type Shown } from './dialect-speech.js';
import { Milestones } from './milestones.js';
import { Wire } from './wire.js';

const BACK_OFF = 25;
/** Messages of one conversation between two of which is said that they are read, where a dialect can. */
const READ_EVERY = 10;

interface Session {
  shown: Shown[];
  /** Conversation → what the server had said, before the connection was opened, that its user has. */
  floor: ReadonlyMap<string, number>;
}

/** A user of a dialect who is pushed to, keeps what he is shown, connection by connection, and comes back. */
export class DialectReceiver {
  readonly sessions: Session[] = [];
  readonly distinct = new Milestones();
  /** Conversation → how far the server has said that he has come. */
  private readonly confirmed = new Map<string, number>();
  private readonly known = new Set<string>();
  private readonly counts = new Map<string, number>();
  private stopping = false;
  private client?: DialectClient;
  private readonly running: Promise<void>;

  constructor(
    private readonly server: { port: number },
    readonly dialect: DialectName,
    readonly user: string,
  ) {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    this.client?.socket.close(1000);
    await this.running;
  }

  get shown(): number {
    return this.sessions.reduce((sum, session) => sum + session.shown.length, 0);
  }

  /** Asks the server how far this user has come: what it answers it must never bring him again. */
  async confirm(): Promise<void> {
    const wire = await Wire.connect(this.server, this.user, { query: { sync: 'self' } });
    const { conversations } = await wire.call('chat.sync', {});
    for (const { conversation, delivered, read } of conversations)
      this.confirmed.set(conversation, SPEECH[this.dialect].read ? read : delivered);
    await wire.close();
  }

  /** What came, connection by connection, where it is stored; what is stored nowhere is at 0. */
  deliveries(stored: readonly StoredMessage[]): Delivery[][] {
    const byContent = new Map(stored.map((message) => [message.content, message]));
    return this.sessions.map(({ shown }) =>
      shown.map(({ from, conversation, content }) => {
        const { seq = 0, clientId = '' } = byContent.get(content) ?? {};
        return { conversation, seq, sender: from, clientId, content };
      }),
    );
  }

  /** What was brought although the server had said before that he has it. */
  forgotten(stored: readonly StoredMessage[]): string[] {
    return this.deliveries(stored).flatMap((session, index) =>
      session.flatMap(({ conversation, seq }) =>
        seq <= (this.sessions[index]?.floor.get(conversation) ?? 0) ? [`${conversation}#${seq}`] : [],
      ),
    );
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      const session: Session = { shown: [], floor: new Map(this.confirmed) };
      const { server, dialect, user } = this;
      const onFrame = (frame: AnyFrame): void => this.take(frame, session);
      const options = { onFrame, token: shortToken(user) };
      const client = await DialectClient.connect(server, dialect, user, options).catch(() => delay(BACK_OFF));
      if (!client) continue;
      this.client = client;
      this.sessions.push(session);
      if (this.stopping) client.socket.close(1000);
      await client.ended;
    }
  }

  private take(frame: AnyFrame, session: Session): void {
    const { shown, read } = SPEECH[this.dialect];
    const message = shown(frame);
    if (!message) return;
    session.shown.push(message);
    const { conversation, content } = message;
    const count = (this.counts.get(conversation) ?? 0) + 1;
    this.counts.set(conversation, count);
    if (read && count % READ_EVERY === 0) this.client?.send(read(message));
    if (this.known.has(content)) return;
    this.known.add(content);
    this.distinct.add();
  }
}
