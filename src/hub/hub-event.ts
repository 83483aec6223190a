import type { Frame } from '@rookery/protocol';
import type { Codec } from './codec.js';

/** An event on its way to many connections: encoded at most once per codec, and not at all if nobody is there. */
export class HubEvent {
  private codec?: Codec;
  private encoded: Buffer;
  private others?: Map<Codec, Buffer>;

  constructor(
    readonly type: string,
    readonly data: unknown,
  ) {}

  bytes(codec: Codec): Buffer {
    if (this.codec === codec) return this.encoded;
    if (this.codec) return this.bytesForOther(codec);
    this.codec = codec;
    return (this.encoded = this.encode(codec));
  }

  private bytesForOther(codec: Codec): Buffer {
    this.others ??= new Map();
    const bytes = this.others.get(codec) ?? this.encode(codec);
    this.others.set(codec, bytes);
    return bytes;
  }

  private encode(codec: Codec): Buffer {
    const frame: Frame = { type: this.type, data: this.data };
    return codec.encode(frame);
  }
}
