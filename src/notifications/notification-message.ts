import type {
  NotificationAudience,
  NotificationMessage,
  NotificationPriority,
  NotificationWithdrawal,
  Stored,
} from '@rookery/protocol';
import type { Translations } from '../hub/index.js';
import { entryId, type Entry } from '../journal/index.js';
import { closestLocale } from './locale-match.js';

/** Type of the journal entries that are notifications. */
export const NOTIFICATION_ENTRY = 'notification';

/** Of those that are for an audience: they are not counted where nobody can say for whom they are. */
export const LIMITED_ENTRY = 'notification_limited';

export const isNotification = ({ type }: { type: string }): boolean =>
  type === NOTIFICATION_ENTRY || type === LIMITED_ENTRY;

/** Type of the entries that take one back. */
export const WITHDRAWAL_ENTRY = 'notification_withdrawal';

/** Client id of the one that takes back what is at this place. */
export const withdrawalKey = (seq: number): string => `withdraw-${seq}`;

/** What the journal keeps of a notification. */
export interface NotificationBody {
  type: string;
  content: unknown;
  /** In other languages, by BCP 47 tag in lower case. Each reader is shown the one that is closest to his. */
  locales?: Record<string, unknown>;
  priority?: NotificationPriority;
  /** Milliseconds since the epoch. */
  expiresAt?: number;
  /** Digest of the template's name and data, where it was made from one. Never on the wire. */
  source?: string;
  /** Of a broadcast; absent: everybody. Never on the wire. */
  audience?: NotificationAudience;
}

/** What the journal keeps of one that was erased: its place, and by what a repetition of it is known. */
export interface ErasedBody {
  /** Milliseconds since the epoch. */
  erased: number;
  /** SHA-256 of the body that was there, base64url. */
  digest: string;
}

export const isErased = (body: NotificationBody | ErasedBody): body is ErasedBody => 'erased' in body;

/** Whether there is anything to show of a notification at a time. */
export function isShown(body: NotificationBody | ErasedBody, now: number): body is NotificationBody {
  return !isErased(body) && (body.expiresAt === undefined || body.expiresAt > now);
}

/** In the language that is closest to a reader's, or in the default one. */
export function toNotificationMessage(entry: Entry, reader?: string): NotificationMessage & Stored {
  const { conversation, seq, time } = entry;
  const { type, content, locales, priority, expiresAt } = entry.body as NotificationBody;
  const locale = locales && reader ? closestLocale(locales, reader) : undefined;
  return {
    conversation,
    seq,
    id: entryId(entry),
    time,
    type,
    content: locale === undefined ? content : locales?.[locale],
    ...(locale !== undefined && { locale }),
    ...(priority && { priority }),
    ...(expiresAt !== undefined && { expiresAt }),
  };
}

/** Undefined: it is in one language. */
export function translationsOf(entry: Entry): Translations | undefined {
  const { locales } = entry.body as NotificationBody;
  if (!locales) return undefined;
  return {
    closest: (locale) => closestLocale(locales, locale),
    data: (locale) => toNotificationMessage(entry, locale),
  };
}

export function toWithdrawal(entry: Entry): NotificationWithdrawal {
  const { conversation, seq, time } = entry;
  return { conversation, seq, id: entryId(entry), time, withdrawn: (entry.body as { seq: number }).seq };
}
