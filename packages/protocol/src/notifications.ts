import type { ErrorData } from './errors.js';
import type { NotificationMessage, NotificationPriority, Stored } from './messages.js';

/** Whom a broadcast is for: everybody, who has a role in his token, the members of a group, or these users. */
export type NotificationAudience =
  'all' | { role: string } | { group: string } | { users: readonly string[] };

/** What a publisher may say besides type and content. */
export interface NotificationOptions {
  /** Default `normal`. */
  priority?: NotificationPriority;
  /** Milliseconds since the epoch. */
  expiresAt?: number;
  /** Makes a retry free. */
  clientId?: string;
}

/** A stored template, and what its gaps are filled with; at most 16,384 bytes of JSON. */
export interface NotificationTemplate {
  name: string;
  /** Default: none. */
  data?: Readonly<Record<string, unknown>>;
}

/** What a notification says: either of them. A template is filled now, in all its languages. */
export interface NotificationWords {
  /** Any JSON value. */
  content?: unknown;
  template?: NotificationTemplate;
}

/** A notification that waits for its time, or what became of it. */
export interface ScheduledNotification {
  id: string;
  /** `failed`: it was refused, see `error`; anything else that goes wrong is tried again. */
  state: 'pending' | 'sending' | 'sent' | 'cancelled' | 'failed';
  /** Milliseconds since the epoch, both: when it is due, and when it was accepted. */
  at: number;
  createdAt: number;
  target: { to: string } | { audience: NotificationAudience };
  type: string;
  /** In the default language. */
  content: unknown;
  /** Milliseconds since the epoch. */
  expiresAt?: number;
  /** Once it is sent. */
  sent?: Stored & { duplicate: boolean };
  error?: ErrorData;
}

/** A notification in the user's list. */
export type InboxItem = NotificationMessage & Stored & { read: boolean };

/** Names notifications: by the `id` each has, or those of the own inbox by their `seq`. At least one, at most 100. */
export interface NotificationNames {
  ids?: string[];
  seqs?: number[];
}

/** `notification.changed`: single notifications were read or deleted on one of the user's devices. */
export interface NotificationChange extends Stored {
  state: 'read' | 'deleted';
  /** Ids of the notifications. */
  ids: string[];
}

/** `notification.withdrawn`: its publisher took a notification back; whoever shows it removes it. */
export interface NotificationWithdrawal extends Stored {
  /** Its place in the same conversation. */
  withdrawn: number;
}

/** Commands about notifications. */
export interface NotificationCommands {
  /** Tells one user; for administrators. `clientId` makes a retry free. */
  'notification.send': {
    data: { to: string; type: string } & NotificationWords & NotificationOptions;
    reply: Stored & { duplicate: boolean };
  };
  /** Tells everybody, or an audience; for administrators. `clientId` makes a retry free. */
  'notification.broadcast': {
    data: { audience?: NotificationAudience; type: string } & NotificationWords & NotificationOptions;
    reply: Stored & { duplicate: boolean };
  };
  /**
   * Has one user, or an audience (default: all), told at a time, a year ahead at most; for administrators. `clientId` makes
   * a retry free.
   */
  'notification.schedule': {
    data: {
      to?: string;
      audience?: NotificationAudience;
      type: string;
      /** Milliseconds since the epoch. */
      at: number;
    } & NotificationWords &
      NotificationOptions;
    reply: ScheduledNotification & { duplicate: boolean };
  };
  /** Keeps what is scheduled from being told; repeating it changes nothing. For administrators. */
  'notification.cancel': { data: { id: string }; reply: null };
  /** The caller's notifications, unread ones first, then the newest first. `cursor`: the `next` of the page before. */
  'notification.list': {
    data: { cursor?: string; limit?: number; unread?: boolean } | undefined;
    reply: { notifications: InboxItem[]; next: string | null };
  };
  /** How many are unread; counted up to 1,000, `more` says that there are further ones. */
  'notification.unread': { data: undefined; reply: { count: number; more: boolean } };
  /** Marks single notifications as read. `changed`: how many were not. */
  'notification.read': { data: NotificationNames; reply: { changed: number } };
  /** Marks everything up to now as read. */
  'notification.readAll': { data: undefined; reply: null };
  /** Takes notifications out of the caller's list, on all devices and for good. */
  'notification.delete': { data: NotificationNames; reply: { changed: number } };
  /** The language the caller is told things in, a BCP 47 tag; null: the default. */
  'notification.locale': { data: { locale: string | null }; reply: null };
}

/** Events that tell users things. */
export interface NotificationEvents {
  'notification.message': NotificationMessage;
  'notification.changed': NotificationChange;
  'notification.withdrawn': NotificationWithdrawal;
}
