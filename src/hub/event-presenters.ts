import { Injectable, Logger } from '@nestjs/common';
import type { Entry } from '../journal/index.js';
import { HubEvent, type Translations } from './hub-event.js';

/** An entry as clients see it. */
export interface Presented {
  type: string;
  data: unknown;
  /** Where `data` depends on the reader's language. */
  translations?: Translations;
}

type Presenter = (entry: Entry) => Presented | undefined;

/** BCP 47, in lower case; undefined: the user named none. */
type LocaleOf = (user: string) => Promise<string | undefined>;

/** Who would read an entry: a connection, or the caller of a request. */
export interface EntryReader {
  readonly userId: string;
  readonly roles: readonly string[];
  /** Whether he is a member of a group now. */
  isMember(group: string): boolean;
}

/** Whether an entry of a conversation that is for everybody is for this reader. */
export type EntryFilter = (reader: EntryReader) => boolean;

type FilterOf = (entry: Entry) => EntryFilter | undefined;

export interface PresenterOptions {
  /** Such an entry counts as unread for everybody but its sender; default: it does not. */
  unread?: boolean;
  /** Whom an entry of the broadcast channel is for; undefined, also its answer: everybody. */
  filterOf?: FilterOf;
}

/**
 * How entries look on the wire. The hub carries entries of every type without knowing any of them: the room that
 * writes a type says here, once, which event it becomes (or that it is nothing a client sees, any more), and for entries
 * of the broadcast channel whom it is for.
 */
@Injectable()
export class EventPresenters {
  private readonly logger = new Logger(EventPresenters.name);
  private readonly presenters = new Map<string, { present: Presenter; filterOf?: FilterOf }>();
  /** Types of entries that count as unread. */
  readonly unreadTypes: string[] = [];
  private locales?: LocaleOf;

  register(entryType: string, present: Presenter, { unread = false, filterOf }: PresenterOptions = {}): void {
    if (this.presenters.has(entryType)) throw new Error(`Entry type ${entryType} is presented twice`);
    this.presenters.set(entryType, { present, filterOf });
    if (unread) this.unreadTypes.push(entryType);
  }

  /** Undefined for what clients do not see, or its room fails to present. */
  present(entry: Entry): HubEvent | undefined {
    try {
      const event = this.presenters.get(entry.type)?.present(entry);
      return event && new HubEvent(event.type, event.data, event.translations);
    } catch (error) {
      this.logger.error({ err: error, type: entry.type }, 'An entry could not be presented');
      return undefined;
    }
  }

  /** Event name and data in a reader's language, not encoded: for histories. */
  describe(entry: Entry, locale?: string | null): { type: string; data: unknown } | undefined {
    const event = this.presenters.get(entry.type)?.present(entry);
    const closest = locale ? event?.translations?.closest(locale) : undefined;
    if (!event || closest === undefined) return event;
    return { type: event.type, data: event.translations?.data(closest) };
  }

  /** Where the languages of users are kept; the room that keeps them says so at start. */
  useLocales(locales: LocaleOf): void {
    this.locales = locales;
  }

  /** The language a user is told things in. */
  async localeOf(user: string): Promise<string | undefined> {
    return this.locales?.(user);
  }

  /** Undefined: it is for all who have the conversation. */
  filterOf(entry: Entry): EntryFilter | undefined {
    return this.presenters.get(entry.type)?.filterOf?.(entry);
  }
}
