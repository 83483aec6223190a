import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { namesPrivateAddress, PrivateAddressError, publicLookup } from './public-address.js';
import type { PushOutcome } from './push-provider.js';

export interface Post {
  url: string;
  headers: Record<string, string | number>;
  body: Buffer | string;
}

export interface PosterOptions {
  /** Milliseconds for the whole of an attempt. */
  timeout: number;
  /** Sockets per host. */
  concurrency: number;
  /** Whether any address may be connected to; else only public ones. */
  anyAddress: boolean;
  /** How addresses of names are found; default: as this machine does. Given only with `anyAddress: false`. */
  lookup?: LookupFunction;
}

export interface Answer {
  status: number;
  /** Milliseconds, from `Retry-After`. */
  after?: number;
}

/** An answer is for its status; of a body nothing is read but what came with it. */
const LONGEST_WAIT = 3_600_000;

/** Sends POST requests on kept connections, each bounded in time; follows no redirect. */
export class Poster {
  private readonly agents: { http: HttpAgent; https: HttpsAgent };
  private readonly lookup?: LookupFunction;

  constructor(private readonly options: PosterOptions) {
    const settings = { keepAlive: true, maxSockets: options.concurrency, timeout: options.timeout };
    this.agents = { http: new HttpAgent(settings), https: new HttpsAgent(settings) };
    if (!options.anyAddress) this.lookup = options.lookup ?? (publicLookup as LookupFunction);
  }

  /** Rejects when there was no answer in time. */
  async send({ url: text, headers, body }: Post): Promise<Answer> {
    const url = new URL(text);
    if (!this.options.anyAddress && namesPrivateAddress(url))
      throw new PrivateAddressError('The address is not public');
    const signal = AbortSignal.timeout(this.options.timeout);
    const secure = url.protocol === 'https:';
    return new Promise((resolve, reject) => {
      const request = (secure ? httpsRequest : httpRequest)(url, {
        method: 'POST',
        agent: secure ? this.agents.https : this.agents.http,
        headers: { ...headers, 'Content-Length': Buffer.byteLength(body) },
        lookup: this.lookup,
        signal,
      });
      request.once('error', reject);
      request.once('response', (response) => {
        response.once('error', reject).once('end', () => undefined);
        resolve({ status: response.statusCode ?? 0, after: retryAfter(response) });
        if (Number(response.headers['content-length'] ?? Infinity) > 65_536) response.destroy();
        else response.resume();
      });
      request.end(body);
    });
  }

  close(): void {
    this.agents.http.destroy();
    this.agents.https.destroy();
  }
}

function retryAfter({ headers }: IncomingMessage): number | undefined {
  const value = headers['retry-after'];
  if (value === undefined) return undefined;
  const wait = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 0), LONGEST_WAIT) : undefined;
}

/** What an answer means; `gone` lists the statuses that say so of a token. */
export function outcomeOf({ status, after }: Answer, gone: readonly number[]): PushOutcome {
  if (status >= 200 && status < 300) return { kind: 'sent' };
  if (gone.includes(status)) return { kind: 'gone' };
  const reason = `HTTP ${status}`;
  if (status === 400 || status === 413 || status === 422) return { kind: 'rejected', reason };
  return { kind: 'failed', reason, ...(after !== undefined && { after }) };
}

/** Why there was no answer, without addresses and names. */
export function failureOf(error: unknown): PushOutcome {
  const { name, code } = error as NodeJS.ErrnoException;
  if (name === 'PrivateAddressError') return { kind: 'rejected', reason: 'Not a public address' };
  if (name === 'TimeoutError' || name === 'AbortError')
    return { kind: 'failed', reason: 'No answer in time' };
  return { kind: 'failed', reason: code ?? 'No connection' };
}
