import { Agent, request } from 'node:http';
import { tokenFor } from '../generators/token.js';

const TICK = 5;

/** A back-end service that broadcasts at an even rate over REST. */
export class Publisher {
  /** The last entry that was acknowledged. */
  head = 0;
  refused = 0;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 4 });
  private readonly token = tokenFor('publisher', { role: 'admin' });
  private outstanding = 0;
  private posted = 0;
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly port: number,
    /** Makes the content of the next message. */
    private readonly content: () => string,
  ) {}

  start(perSecond: number): void {
    const begin = performance.now();
    let done = 0;
    this.timer = setInterval(() => {
      const due = Math.floor(((performance.now() - begin) / 1000) * perSecond);
      for (; done < due; done++) this.post();
    }, TICK);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  get isIdle(): boolean {
    return this.outstanding === 0;
  }

  private post(): void {
    this.outstanding++;
    this.send(JSON.stringify({ type: 'bench', content: this.content() }), `${process.pid}.${++this.posted}`);
  }

  /** Sent again, under the same key, when the server has closed an idle connection in that very moment. */
  private send(body: string, key: string): void {
    const call = request(
      {
        host: '127.0.0.1',
        port: this.port,
        path: '/api/ws/broadcast',
        method: 'POST',
        agent: this.agent,
        headers: {
          Authorization: `Bearer ${this.token}`,
          'Content-Type': 'application/json',
          'Content-Length': Buffer.byteLength(body),
          'Idempotency-Key': key,
        },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.once('end', () => this.answered(response.statusCode, text));
      },
    );
    call.once('error', () => this.send(body, key));
    call.end(body);
  }

  private answered(status: number | undefined, text: string): void {
    this.outstanding--;
    if (status === 201) this.head = Math.max(this.head, (JSON.parse(text) as { seq: number }).seq);
    else this.refused++;
  }
}
