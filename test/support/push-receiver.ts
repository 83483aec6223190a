import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedPush {
  id: string;
  headers: IncomingHttpHeaders;
  raw: Buffer;
  json: any;
  signed: boolean;
}

/** What a receiver answers; `hang`: nothing at all. */
export type PushAnswer = number | 'hang' | { status: number; headers: Record<string, string> };

const KEY = Buffer.alloc(32, 7);

/** A service that pushes are sent to, which behaves as it is told. */
export class PushReceiver {
  static readonly secret = `whsec_${KEY.toString('base64')}`;
  readonly attempts: ReceivedPush[] = [];
  /** Those that were answered with success. */
  readonly accepted: ReceivedPush[] = [];
  answer: (push: ReceivedPush) => PushAnswer = () => 204;
  private server?: Server;
  private port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.port}/hook`;
  }

  async start(): Promise<void> {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const push = receivedOf(request.headers, Buffer.concat(chunks));
        this.attempts.push(push);
        const answer = this.answer(push);
        if (answer === 'hang') return;
        const { status, headers } = typeof answer === 'number' ? { status: answer, headers: {} } : answer;
        if (status < 300) this.accepted.push(push);
        response.writeHead(status, headers).end();
      });
    }).listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
  }

  /** Nobody listens until it is started again, on the same port. */
  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => (this.server ? this.server.close(resolve) : resolve(undefined)));
  }
}

function receivedOf(headers: IncomingHttpHeaders, raw: Buffer): ReceivedPush {
  const id = String(headers['webhook-id'] ?? '');
  return {
    id,
    headers,
    raw,
    json: headers['content-type'] === 'application/json' ? JSON.parse(raw.toString()) : undefined,
    signed: verified(headers, raw, KEY),
  };
}

/** Whether a request is signed with this key, as Standard Webhooks 1.0 has it. */
export function verified(headers: IncomingHttpHeaders, raw: Buffer, key: Buffer): boolean {
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.`;
  const expected = createHmac('sha256', key).update(signed).update(raw).digest();
  const given = Buffer.from(String(headers['webhook-signature'] ?? '').replace('v1,', ''), 'base64');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
