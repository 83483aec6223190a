import type { Connection } from './connection.js';
import { persistently } from './durable-stream.js';

/** Milliseconds in which connections gather whose languages are asked for together. */
const GATHER = 50;

/** BCP 47, in lower case; undefined: the user named none. */
type LocaleOf = (user: string) => Promise<string | undefined>;

type Speaker = Pick<Connection, 'userId' | 'closed'> & { locale?: string | null };

/** Learns in which language connections are told things: beside their coming, and for many at once. */
export class LocaleLearner {
  private waiting: Speaker[] = [];

  constructor(private readonly localeOf: LocaleOf) {}

  /** Soon the connection's language is known, if it lives so long. */
  learn(connection: Speaker): void {
    if (this.waiting.push(connection) === 1) setTimeout(() => this.start(), GATHER).unref();
  }

  private start(): void {
    const batch = this.waiting;
    this.waiting = [];
    for (const each of batch) if (!each.closed) this.ask(each).catch(() => undefined);
  }

  /** Rejects when the client has gone. */
  private async ask(connection: Speaker): Promise<void> {
    const locale = await persistently(connection, () => this.localeOf(connection.userId));
    if (connection.locale === undefined) connection.locale = locale ?? null;
  }
}
