import type { Frame } from '@rookery/protocol';
import type { Codec } from './codec.js';

/** An event on its way to many connections: encoded at most once per codec, and not at all if nobody is there. */
export class HubEvent {
  private readonly encoded = new Map<Codec, Buffer>();

  constructor(
    readonly type: string,
    readonly data: unknown,
  ) {}

  bytes(codec: Codec): Buffer {
    const known = this.encoded.get(codec);
    if (known) return known;
    const frame: Frame = { type: this.type, data: this.data };
    const bytes = codec.encode(frame);
    this.encoded.set(codec, bytes);
    return bytes;
  }
}
