import { createHash } from 'node:crypto';
import { createWriteStream, readFileSync, type WriteStream } from 'node:fs';
import { once } from 'node:events';

/** Positions that a storage held when its client began. */
export type Positions = Record<string, number>;

/** One line in the log of a client. */
export type LogLine =
  /** A client object begins: anew, after an end in good order, or after a crash with what its storage held. */
  | { kind: 'life'; how: 'first' | 'restart' | 'crash'; positions: Positions }
  /** An entry that the application was given. */
  | { kind: 'event'; conversation: string; seq: number; id: string; digest: string }
  /** A message handed over to be sent. */
  | { kind: 'sent'; sender: string; clientId: string; digest: string }
  /** It was acknowledged. */
  | { kind: 'ack'; conversation: string; seq: number; id: string; clientId: string }
  /** It was refused for good. */
  | { kind: 'refused'; clientId: string; code: string };

export const digestOf = (content: unknown): string =>
  createHash('sha1').update(JSON.stringify(content)).digest('hex').slice(0, 16);

/** The log of one client, on disk: an hour of it would not belong in memory. */
export class ClientLog {
  private readonly stream: WriteStream;

  constructor(
    readonly name: string,
    private readonly path: string,
  ) {
    this.stream = createWriteStream(path);
  }

  add(line: LogLine): void {
    this.stream.write(`${JSON.stringify(line)}\n`);
  }

  async end(): Promise<void> {
    this.stream.end();
    await once(this.stream, 'finish');
  }

  /** All lines, after the end. */
  read(): LogLine[] {
    return readFileSync(this.path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as LogLine);
  }
}
