import { constants, deflateRawSync } from 'node:zlib';
import { compressedTextFrame, payloadAt } from './text-frame.js';

/** Payloads of fewer bytes leave as they are: most of them would hardly get smaller. */
export const DEFLATE_THRESHOLD = 1024;

/** The fastest level: the next ones take up to twice the time for a few per cent (docs/operations.md, Compression). */
const OPTIONS = { level: constants.Z_BEST_SPEED, finishFlush: constants.Z_SYNC_FLUSH };
/** Of every flushed message, and left out of it: the receiver adds it again. */
const TRAILER_LENGTH = 4;

/**
 * Compresses text frames by permessage-deflate (RFC 7692 §7.2.1) with nothing carried over from one message to the
 * next, so that a frame fits every connection that takes compressed ones: it is compressed once, for the first of them.
 * In place, not in the thread pool: what waited there would leave behind what was said later.
 */
export class FrameDeflater {
  /** Lives as long as whoever sends the frame keeps it. */
  private readonly known = new WeakMap<Buffer, Buffer>();

  /** `count`: called for each message that was compressed. */
  constructor(private readonly count: () => void) {}

  /** `frames`: complete, unmasked text frames. */
  deflate(frames: Buffer): Buffer {
    if (frames.length < DEFLATE_THRESHOLD) return frames;
    const known = this.known.get(frames);
    if (known) return known;
    const deflated = this.deflateEach(frames);
    this.known.set(frames, deflated);
    return deflated;
  }

  private deflateEach(frames: Buffer): Buffer {
    const forms: Buffer[] = [];
    let start = 0;
    while (start < frames.length) {
      const { begin, end } = payloadAt(frames, start);
      forms.push(this.deflateOne(frames.subarray(start, end), begin - start));
      start = end;
    }
    return forms.length === 1 ? (forms[0] as Buffer) : Buffer.concat(forms);
  }

  private deflateOne(frame: Buffer, begin: number): Buffer {
    const payload = frame.subarray(begin);
    if (payload.length < DEFLATE_THRESHOLD) return frame;
    const flushed = deflateRawSync(payload, OPTIONS);
    this.count();
    return compressedTextFrame(flushed.subarray(0, -TRAILER_LENGTH));
  }
}
