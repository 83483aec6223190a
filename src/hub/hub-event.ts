import type { Frame } from '@rookery/protocol';
import type { Encoder } from './codec.js';

/** What an event says in other languages, by BCP 47 tags in lower case. */
export interface Translations {
  /** The closest one to a reader's language; undefined: he gets the event as it is. */
  closest(locale: string): string | undefined;
  /** `data` in one of those that {@link closest} gives. */
  data(locale: string): unknown;
}

/** An event on its way to many connections: encoded at most once per encoder and language, and not at all if nobody is there. */
export class HubEvent {
  private encoder?: Encoder;
  private encoded: Buffer;
  private others?: Map<Encoder, Buffer>;
  private translated?: Map<string, HubEvent>;

  constructor(
    readonly type: string,
    readonly data: unknown,
    private readonly translations?: Translations,
  ) {}

  /** Whether it depends on the reader's language. */
  get isTranslated(): boolean {
    return this.translations !== undefined;
  }

  /** `locale`: the reader's language; null or undefined: he named none. */
  bytes(encoder: Encoder, locale?: string | null): Buffer {
    if (this.translations && locale) return this.bytesIn(this.translations.closest(locale), encoder);
    if (this.encoder === encoder) return this.encoded;
    if (this.encoder) return this.bytesForOther(encoder);
    this.encoder = encoder;
    return (this.encoded = this.encode(encoder));
  }

  /** No more of them are kept than the event has languages. */
  private bytesIn(locale: string | undefined, encoder: Encoder): Buffer {
    if (locale === undefined) return this.bytes(encoder);
    this.translated ??= new Map();
    const known = this.translated.get(locale);
    const event = known ?? new HubEvent(this.type, this.translations?.data(locale));
    if (!known) this.translated.set(locale, event);
    return event.bytes(encoder);
  }

  private bytesForOther(encoder: Encoder): Buffer {
    this.others ??= new Map();
    const bytes = this.others.get(encoder) ?? this.encode(encoder);
    this.others.set(encoder, bytes);
    return bytes;
  }

  private encode(encoder: Encoder): Buffer {
    const frame: Frame = { type: this.type, data: this.data };
    return encoder.encode(frame);
  }
}
