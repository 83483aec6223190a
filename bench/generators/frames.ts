/** RFC 6455 §5.2, as much as a client that only has honest servers needs. */
export const Opcode = { Text: 1, Close: 8, Ping: 9, Pong: 10 } as const;

const FINAL = 0x80;
const MASKED = 0x80;
/** Any key but zero, with which servers would have less to do. */
const MASK = [0x37, 0xfa, 0x21, 0x3d] as const;

/** Bytes before a payload of this length, in a frame that is not masked. */
export function headLength(length: number): number {
  return length < 126 ? 2 : length <= 65_535 ? 4 : 10;
}

export function clientFrame(payload: string | Buffer, opcode: number = Opcode.Text): Buffer {
  const length = Buffer.byteLength(payload);
  if (length > 65_535) throw new Error('Too long for this generator');
  const head = headLength(length);
  const frame = Buffer.allocUnsafe(head + 4 + length);
  frame[0] = FINAL | opcode;
  frame[1] = MASKED | (head === 2 ? length : 126);
  if (head === 4) frame.writeUInt16BE(length, 2);
  frame.set(MASK, head);
  const start = head + 4;
  if (typeof payload === 'string') frame.write(payload, start);
  else payload.copy(frame, start);
  for (let i = 0; i < length; i++) frame[start + i] = (frame[start + i] as number) ^ (MASK[i & 3] as number);
  return frame;
}

/** Told of every complete frame: where its payload lies in what was read. Valid only during the call. */
export type OnFrame = (opcode: number, data: Buffer, start: number, end: number) => void;

/** Finds the frames in what a socket reads, without copying what is complete. */
export class FrameScanner {
  private rest?: Buffer;

  constructor(private readonly onFrame: OnFrame) {}

  push(chunk: Buffer): void {
    const data = this.rest ? Buffer.concat([this.rest, chunk]) : chunk;
    let at = 0;
    for (let next = this.scan(data, at); next > at; next = this.scan(data, at)) at = next;
    this.rest = at < data.length ? Buffer.from(data.subarray(at)) : undefined;
  }

  /** Where the next frame begins; the same place when this one is not complete. */
  private scan(data: Buffer, at: number): number {
    if (data.length - at < 2) return at;
    const code = (data[at + 1] as number) & 0x7f;
    const head = code < 126 ? 2 : code === 126 ? 4 : 10;
    if (data.length - at < head) return at;
    const length =
      code < 126 ? code : head === 4 ? data.readUInt16BE(at + 2) : Number(data.readBigUInt64BE(at + 2));
    const end = at + head + length;
    if (data.length < end) return at;
    this.onFrame((data[at] as number) & 0x0f, data, at + head, end);
    return end;
  }
}
