import type { Frame } from '@rookery/protocol';
import type { Codec } from './codec.js';

/** What an event says in other languages, by BCP 47 tags in lower case. */
export interface Translations {
  /** The closest one to a reader's language; undefined: he gets the event as it is. */
  closest(locale: string): string | undefined;
  /** `data` in one of those that {@link closest} gives. */
  data(locale: string): unknown;
}

/** An event on its way to many connections: encoded at most once per codec and language, and not at all if nobody is there. */
export class HubEvent {
  private codec?: Codec;
  private encoded: Buffer;
  private others?: Map<Codec, Buffer>;
  private translated?: Map<string, HubEvent>;

  constructor(
    readonly type: string,
    readonly data: unknown,
    private readonly translations?: Translations,
  ) {}

  /** `locale`: the reader's language; null or undefined: he named none. */
  bytes(codec: Codec, locale?: string | null): Buffer {
    if (this.translations && locale) return this.bytesIn(this.translations.closest(locale), codec);
    if (this.codec === codec) return this.encoded;
    if (this.codec) return this.bytesForOther(codec);
    this.codec = codec;
    return (this.encoded = this.encode(codec));
  }

  /** No more of them are kept than the event has languages. */
  private bytesIn(locale: string | undefined, codec: Codec): Buffer {
    if (locale === undefined) return this.bytes(codec);
    this.translated ??= new Map();
    const known = this.translated.get(locale);
    const event = known ?? new HubEvent(this.type, this.translations?.data(locale));
    if (!known) this.translated.set(locale, event);
    return event.bytes(codec);
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
