import { ClientSocket } from '../generators/client-socket.js';

const SEQ = Buffer.from('"seq":');
const CONVERSATION = 'broadcast:all';
/** Beyond it a frame has nothing that is looked for. */
const HEAD_LENGTH = 200;
const ZERO = 48;

export interface ReaderOptions {
  port: number;
  user: string;
  /** Called for every entry with its frame. */
  onEntry: (data: Buffer, start: number) => void;
}

/** A device on the broadcast channel that checks what it gets, may stop to read, and comes back from its cursor. */
export class ChannelReader {
  /** The last entry it has. */
  have = 0;
  /** Entries that came again on another connection, as they may. */
  repeated = 0;
  faults: string[] = [];
  private onThisConnection = 0;
  private socket?: ClientSocket;

  constructor(private readonly options: ReaderOptions) {}

  get isConnected(): boolean {
    return this.socket !== undefined && !this.socket.closed;
  }

  async connect(): Promise<void> {
    const { port, user } = this.options;
    this.onThisConnection = 0;
    this.socket = await ClientSocket.open({
      port,
      user,
      path: '/ws?device=bench',
      onFrame: (_, data, start, end) => this.take(data, start, end),
    });
  }

  /** From here on nothing is read from the kernel. */
  stop(): void {
    this.mark();
    this.socket?.socket.pause();
  }

  resume(): void {
    this.socket?.socket.resume();
  }

  /** Hangs up, with all that lies unread, and begins anew. */
  async reconnect(): Promise<void> {
    this.close();
    await this.connect();
  }

  /** Tells the server what this device has. */
  mark(): void {
    if (this.have === 0) return;
    this.socket?.send(
      `{"type":"chat.delivered","data":{"conversation":"${CONVERSATION}","seq":${this.have}}}`,
    );
  }

  close(): void {
    this.socket?.destroy();
  }

  private take(data: Buffer, start: number, end: number): void {
    const at = data.subarray(start, Math.min(end, start + HEAD_LENGTH)).indexOf(SEQ);
    if (at < 0) return;
    this.entry(numberAt(data, start + at + SEQ.length));
    this.options.onEntry(data, start);
  }

  private entry(seq: number): void {
    const before = this.onThisConnection || this.have;
    const fits = this.onThisConnection === 0 ? seq <= before + 1 || before === 0 : seq === before + 1;
    if (!fits) this.faults.push(`${this.options.user}: ${seq} after ${before}`);
    if (seq <= this.have) this.repeated++;
    this.onThisConnection = seq;
    this.have = Math.max(this.have, seq);
  }
}

function numberAt(data: Buffer, at: number): number {
  let value = 0;
  for (let index = at; ; index++) {
    const digit = (data[index] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return value;
    value = value * 10 + digit;
  }
}
