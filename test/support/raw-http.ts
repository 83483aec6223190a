import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** An HTTP answer as it stood on the wire. */
export interface RawAnswer {
  status: number;
  /** Names in lower case; of a repeated header the last. */
  headers: Record<string, string>;
  body: string;
}

export type Headers = Record<string, string | string[] | undefined>;

export interface RequestShape {
  method?: string;
  target?: string;
  version?: string;
  headers?: Headers;
  body?: string;
}

/** The key of the example in RFC 6455 §1.2. */
export const EXAMPLE_KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

const HANDSHAKE: Headers = {
  Host: 'rookery.test',
  Upgrade: 'websocket',
  Connection: 'Upgrade',
  'Sec-WebSocket-Key': EXAMPLE_KEY,
  'Sec-WebSocket-Version': '13',
};

/** A request as text, exactly as shaped: nothing is checked, completed or escaped. */
export function requestText({
  method = 'GET',
  target = '/',
  version = '1.1',
  headers = {},
  body,
}: RequestShape): string {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((one) => `${name}: ${one}`),
  );
  return `${[`${method} ${target} HTTP/${version}`, ...lines].join('\r\n')}\r\n\r\n${body ?? ''}`;
}

/** A sound handshake with some of it changed; a header that is undefined is left out. */
export function handshakeText({ target = '/ws', headers, ...rest }: RequestShape = {}): string {
  return requestText({ ...rest, target, headers: { ...HANDSHAKE, ...headers } });
}

const HEAD_END = '\r\n\r\n';

function parseHead(head: string): Omit<RawAnswer, 'body'> {
  const [first = '', ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line.slice(line.indexOf(':') + 1).trim(),
    ]),
  );
  return { status: Number(/^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1]), headers };
}

/** The first answer in what was received, once it is complete, and the bytes after it. */
function completeAnswer(received: Buffer, ended: boolean): { answer: RawAnswer; rest: Buffer } | undefined {
  const headEnd = received.indexOf(HEAD_END);
  if (headEnd < 0) return undefined;
  const { status, headers } = parseHead(received.subarray(0, headEnd).toString());
  const start = headEnd + HEAD_END.length;
  const length = status === 101 ? 0 : Number(headers['content-length'] ?? NaN);
  if (Number.isNaN(length) && !ended) return undefined;
  const end = Number.isNaN(length) ? received.length : start + length;
  if (received.length < end) return undefined;
  const body = received.subarray(start, end).toString();
  return { answer: { status, headers, body }, rest: received.subarray(end) };
}

interface Port {
  port: number;
  /** Trusted certificate: the connection is encrypted. */
  ca?: string;
}

export async function openSocket({ port, ca }: Port): Promise<Socket> {
  const socket = ca
    ? connectTls({ port, host: '127.0.0.1', ca, servername: 'localhost' })
    : connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, ca ? 'secureConnect' : 'connect');
  return socket;
}

/** Writes and waits for one whole answer; undefined when the server hung up without one. */
export async function converse(
  socket: Socket,
  request: string | Buffer,
): Promise<{ answer: RawAnswer; rest: Buffer } | undefined> {
  let received: Buffer = Buffer.alloc(0);
  const result = new Promise<{ answer: RawAnswer; rest: Buffer } | undefined>((resolve) => {
    const finish = (ended: boolean): void => {
      const found = completeAnswer(received, ended);
      if (!found && !ended) return;
      socket.off('data', collect).off('close', end);
      socket.pause();
      resolve(found);
    };
    const collect = (chunk: Buffer): void => {
      received = Buffer.concat([received, chunk]);
      finish(false);
    };
    const end = (): void => finish(true);
    socket.on('data', collect).once('close', end);
  });
  socket.write(request);
  return result;
}

/** One request on a connection of its own. */
export async function exchange(server: Port, request: string | Buffer): Promise<RawAnswer | undefined> {
  const socket = await openSocket(server);
  const result = await converse(socket, request);
  socket.destroy();
  return result?.answer;
}
