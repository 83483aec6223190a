import { setTimeout as delay } from 'node:timers/promises';
import type { ChatMessage, Frame } from '@rookery/protocol';
import { Wire } from '../../test/support/wire.js';

const PATIENCE = 15_000;
/** Milliseconds between two messages. */
const PAUSE = 2;

/** Two who behave, and must notice nothing of what happens beside them. */
export class GoodPair {
  readonly faults: string[] = [];
  sent = 0;
  /** Milliseconds that the slowest answer took. */
  slowest = 0;
  private received = 0;
  private running = true;
  private done: Promise<void> = Promise.resolve();

  private receiver!: Wire;

  private constructor(private readonly sender: Wire) {}

  static async connect(server: { port: number }): Promise<GoodPair> {
    const pair = new GoodPair(await Wire.connect(server, 'honest'));
    const onEvent = (frame: Frame): void => pair.take(frame);
    pair.receiver = await Wire.connect(server, 'reader', { query: { sync: 'self' }, onEvent });
    return pair;
  }

  start(): void {
    this.done = this.send();
  }

  async stop(): Promise<void> {
    this.running = false;
    await this.done;
    for (const end = Date.now() + PATIENCE; this.received < this.sent && Date.now() < end;) await delay(20);
    if (this.received !== this.sent) this.faults.push(`${this.sent} sent, ${this.received} received`);
    if (!this.sender.isOpen || !this.receiver.isOpen) this.faults.push('the good pair was cut');
    await Promise.all([this.sender.close(), this.receiver.close()]);
  }

  private async send(): Promise<void> {
    while (this.running) {
      const start = performance.now();
      try {
        await this.sender.call('chat.send', { to: 'reader', kind: 'text', content: String(this.sent) });
        this.sent++;
      } catch (error) {
        this.faults.push(`refused: ${String(error)}`);
        return;
      }
      this.slowest = Math.max(this.slowest, performance.now() - start);
      await delay(PAUSE);
    }
  }

  private take({ type, data }: Frame): void {
    if (type !== 'chat.message') return;
    const { content, seq } = data as ChatMessage;
    if (Number(content) !== this.received) this.faults.push(`#${seq} is ${String(content)}`);
    this.received++;
  }
}
