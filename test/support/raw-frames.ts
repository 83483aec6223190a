import { randomBytes } from 'node:crypto';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';

/** RFC 6455 §5.2. */
export const Opcode = { Continuation: 0, Text: 1, Binary: 2, Close: 8, Ping: 9, Pong: 10 } as const;

/** A frame of a client, as wrong as it is shaped. */
export interface FrameShape {
  opcode?: number;
  payload?: string | Buffer;
  fin?: boolean;
  /** RSV1, RSV2 and RSV3 as 4, 2 and 1. */
  rsv?: number;
  masked?: boolean;
  /** What the header claims; default: the truth. */
  length?: number;
}

function lengthField(length: number): { code: number; extra: Buffer } {
  if (length <= 125) return { code: length, extra: Buffer.alloc(0) };
  if (length < 65_536) {
    const extra = Buffer.alloc(2);
    extra.writeUInt16BE(length);
    return { code: 126, extra };
  }
  const extra = Buffer.alloc(8);
  extra.writeBigUInt64BE(BigInt(length));
  return { code: 127, extra };
}

export function rawFrame(shape: FrameShape | string): Buffer {
  if (typeof shape === 'string') return rawFrame({ payload: shape });
  const { opcode = Opcode.Text, fin = true, rsv = 0, masked = true } = shape;
  const payload = Buffer.from(shape.payload ?? '');
  const { code, extra } = lengthField(shape.length ?? payload.length);
  const head = Buffer.from([(fin ? 0x80 : 0) | (rsv << 4) | opcode, (masked ? 0x80 : 0) | code]);
  if (!masked) return Buffer.concat([head, extra, payload]);
  const mask = randomBytes(4);
  const covered = payload.map((byte, index) => byte ^ (mask[index & 3] as number));
  return Buffer.concat([head, extra, mask, covered]);
}

/** The payload of a close frame. */
export function closePayload(code: number, reason: string | Buffer = ''): Buffer {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(code);
  return Buffer.concat([head, Buffer.from(reason)]);
}

export interface ReceivedFrame {
  opcode: number;
  /** RSV1: the payload is compressed. */
  compressed: boolean;
  payload: Buffer;
}

/** Takes the first frame of a server off what was received; undefined: it is not complete. */
export function readFrame(received: Buffer): { frame: ReceivedFrame; rest: Buffer } | undefined {
  if (received.length < 2) return undefined;
  const code = (received[1] as number) & 0x7f;
  const head = code < 126 ? 2 : code === 126 ? 4 : 10;
  if (received.length < head) return undefined;
  const length =
    code < 126 ? code : code === 126 ? received.readUInt16BE(2) : Number(received.readBigUInt64BE(2));
  if (received.length < head + length) return undefined;
  const payload = received.subarray(head, head + length);
  return {
    frame: {
      opcode: (received[0] as number) & 0x0f,
      compressed: ((received[0] as number) & 0x40) !== 0,
      payload,
    },
    rest: received.subarray(head + length),
  };
}

const DEFLATE_TRAILER = Buffer.from([0, 0, 0xff, 0xff]);
const FLUSHED = { finishFlush: constants.Z_SYNC_FLUSH };

/** The payload of a frame with RSV1 that needs nothing of another one (RFC 7692 §7.2.1). */
export function deflatedPayload(payload: string | Buffer): Buffer {
  return deflateRawSync(payload, FLUSHED).subarray(0, -DEFLATE_TRAILER.length);
}

export function inflatedPayload(payload: Buffer): Buffer {
  return inflateRawSync(Buffer.concat([payload, DEFLATE_TRAILER]), FLUSHED);
}
