/** FIN and the opcode for text. */
const TEXT_FINAL = 0x81;
const PING_FINAL = 0x89;
/** What says that a message is compressed (RFC 7692 §6). */
const RSV1 = 0x40;
/** Lengths up to this one stand in the header's second byte; 126 and 127 announce 16 and 64 bits of length. */
const SHORT_LENGTH = 125;
const LENGTH_16 = 126;
const LENGTH_64 = 127;

/** A complete, unmasked text frame (RFC 6455 §5.2) in one allocation, ready to be written to the socket as it is. */
export function textFrame(payload: string): Buffer {
  const length = Buffer.byteLength(payload);
  const head = headOf(length);
  const frame = Buffer.allocUnsafe(head + length);
  writeHead(frame, TEXT_FINAL, length);
  frame.write(payload, head);
  return frame;
}

/** The same for a payload that is compressed. */
export function compressedTextFrame(payload: Buffer): Buffer {
  const head = headOf(payload.length);
  const frame = Buffer.allocUnsafe(head + payload.length);
  writeHead(frame, TEXT_FINAL | RSV1, payload.length);
  payload.copy(frame, head);
  return frame;
}

/** A ping (RFC 6455 §5.5.2); at most 125 bytes. */
export function pingFrame(payload: string): Buffer {
  const frame = textFrame(payload);
  frame[0] = PING_FINAL;
  return frame;
}

/** Where the payload of the frame at `start` begins, and where it ends. The frame must be complete and unmasked. */
export function payloadAt(frames: Buffer, start: number): { begin: number; end: number } {
  const code = frames[start + 1] as number;
  if (code <= SHORT_LENGTH) return { begin: start + 2, end: start + 2 + code };
  if (code === LENGTH_16) return { begin: start + 4, end: start + 4 + frames.readUInt16BE(start + 2) };
  return { begin: start + 10, end: start + 10 + Number(frames.readBigUInt64BE(start + 2)) };
}

function headOf(length: number): number {
  return length <= SHORT_LENGTH ? 2 : length < 65536 ? 4 : 10;
}

function writeHead(frame: Buffer, first: number, length: number): void {
  frame[0] = first;
  if (length <= SHORT_LENGTH) frame[1] = length;
  else if (length < 65536) {
    frame[1] = LENGTH_16;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = LENGTH_64;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
}
