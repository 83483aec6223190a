import type { Entry } from '../journal/index.js';
import type { Encoder } from './codec.js';
import type { HubEvent } from './hub-event.js';

/** Complete frames, and how many bytes they are together. */
export interface Frames {
  readonly frames: readonly Buffer[];
  readonly bytes: number;
}

/** Entries of one conversation that were committed together and have the same audience: encoded once for all of it. */
export class EntryRun {
  private readonly items: { entry: Entry; event: HubEvent }[] = [];
  private encoder?: Encoder;
  private encoded!: Frames;
  /** Whether something in it depends on the reader's language. */
  isTranslated = false;

  constructor(readonly conversation: string) {}

  get length(): number {
    return this.items.length;
  }

  add(entry: Entry, event: HubEvent): void {
    this.items.push({ entry, event });
    this.isTranslated ||= event.isTranslated;
    this.encoder = undefined;
  }

  /** What it has from an index on. */
  from(index: number): readonly { entry: Entry; event: HubEvent }[] {
    return index === 0 ? this.items : this.items.slice(index);
  }

  /** All of it, for readers of whom the language is of no interest. Kept for the encoder that asked last. */
  framesOf(encoder: Encoder): Frames {
    if (this.encoder === encoder) return this.encoded;
    const frames = this.items.map(({ event }) => event.bytes(encoder));
    const bytes = frames.reduce((sum, { length }) => sum + length, 0);
    this.encoder = encoder;
    return (this.encoded = { frames, bytes });
  }
}
