import { setTimeout as delay } from 'node:timers/promises';
import type { Acknowledgement, SentMessage, StoredMessage } from './checker.js';
import { DialectClient, type AnyFrame, type DialectName } from './dialect-client.js';
import { SPEECH, type Speech } from './dialect-speech.js';
import { conversationOf } from './load.js';
import { Milestones } from './milestones.js';
import { tokenFor } from './raw-client.js';

/** Close codes that are no fault: of a server that is killed or shuts down, of a token that expires, and of the client's own close. */
const EXPECTED = new Set([1006, 1001, 4002, 1000]);
/** Milliseconds until a sender connects again. */
const BACK_OFF = 25;
/** Messages of one sender whose answers may be outstanding. */
const PIPELINE = 4;

/** An answer of a dialect does not say where the message is; {@link located} finds out. */
type Answer = Pick<Acknowledgement, 'connection' | 'attempt' | 'arrival' | 'duplicate'>;

export interface DialectMessage {
  counter: number;
  sender: string;
  receiver: string;
  conversation: string;
  content: string;
  attempts: number;
  answers: Answer[];
}

/**
 * A user of a dialect with a log of his own, who writes to his receivers in turn and reconnects by himself. Where a
 * message has an id he says again what was not answered; where it has none he never does: it would be a new message.
 */
export class DialectSender {
  readonly messages: DialectMessage[] = [];
  readonly acknowledged = new Milestones();
  /** Refusals, and close codes that there is no reason for. */
  readonly unexpected: unknown[] = [];
  private readonly speech: Speech;
  private readonly again: DialectMessage[] = [];
  private unanswered = new Map<string, { message: DialectMessage; attempt: number }>();
  private stopping = false;
  private client?: DialectClient;
  private ticks = 0;
  private readonly running: Promise<void>;

  constructor(
    private readonly server: { port: number },
    readonly dialect: DialectName,
    readonly user: string,
    private readonly receivers: readonly string[],
  ) {
    this.speech = SPEECH[dialect];
    this.running = this.run();
  }

  /** No new messages; resolves when everything that was sent is answered or given up. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.endIfDone();
    await this.running;
  }

  /** For the end of a test that failed. */
  async abandon(): Promise<void> {
    this.stopping = true;
    this.again.length = 0;
    this.unanswered.clear();
    this.client?.socket.terminate();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.stopping || this.again.length > 0) {
      const connection = `${this.user}/${++this.ticks}`;
      const onFrame = (frame: AnyFrame): void => this.take(frame, connection);
      const { server, dialect, user } = this;
      const options = { onFrame, token: shortToken(user) };
      const client = await DialectClient.connect(server, dialect, user, options).catch(() => delay(BACK_OFF));
      if (!client) continue;
      this.client = client;
      this.fill();
      const code = await client.ended;
      if (!EXPECTED.has(code)) this.unexpected.push({ code });
      this.giveUp();
    }
  }

  private fill(): void {
    while (this.unanswered.size < PIPELINE) {
      const message = this.again.shift() ?? (this.stopping ? undefined : this.write());
      if (!message) return this.endIfDone();
      message.attempts++;
      this.unanswered.set(message.content, { message, attempt: ++this.ticks });
      for (const frame of this.speech.text(message.receiver, message.content, message.content))
        this.client?.send(frame);
    }
  }

  private write(): DialectMessage {
    const counter = this.messages.length + 1;
    const receiver = this.receivers[counter % this.receivers.length] as string;
    const { user } = this;
    const message: DialectMessage = {
      counter,
      sender: user,
      receiver,
      conversation: receiver.startsWith('G') ? receiver : conversationOf(user, receiver),
      content: `${user}.${counter}`,
      attempts: 0,
      answers: [],
    };
    this.messages.push(message);
    return message;
  }

  private take(frame: AnyFrame, connection: string): void {
    if (this.speech.isError(frame)) this.unexpected.push(frame);
    const content = this.speech.acknowledged(frame, [...this.unanswered.keys()], this.user);
    const found = content === undefined ? undefined : this.unanswered.get(content);
    if (!found) return;
    const { message, attempt } = found;
    this.unanswered.delete(message.content);
    // What was said before on another connection may have been stored then.
    const duplicate = message.attempts > 1;
    message.answers.push({ connection, attempt, arrival: ++this.ticks, duplicate });
    this.acknowledged.add();
    this.fill();
  }

  private giveUp(): void {
    if (this.speech.hasIds) this.again.push(...[...this.unanswered.values()].map(({ message }) => message));
    this.again.sort((a, b) => a.counter - b.counter);
    this.unanswered = new Map();
  }

  private endIfDone(): void {
    if (this.stopping && this.unanswered.size === 0) this.client?.socket.close(1000);
  }
}

/** Good for up to two seconds, so that connections expire at any moment of a load. */
export const shortToken = (user: string): string =>
  tokenFor(user, { exp: Math.floor(Date.now() / 1000) + 1 + Math.floor(Math.random() * 2) });

/** What senders of dialects know, in the form of the checker: each message with the place that the database has for it. */
export function located(
  messages: readonly DialectMessage[],
  stored: readonly StoredMessage[],
): SentMessage[] {
  const byContent = new Map(stored.toReversed().map((message) => [message.content, message]));
  return messages.map(({ sender, conversation, content, answers }) => {
    const found = byContent.get(content);
    const place = { conversation, seq: found?.seq ?? 0, id: `${conversation}#${found?.seq ?? 0}` };
    return {
      sender,
      conversation,
      content,
      clientId: found?.clientId ?? '',
      acknowledgements: answers.map((answer) => ({ ...place, ...answer })),
      refusals: [],
    };
  });
}
