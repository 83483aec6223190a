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
    data: { to: string; type: string; content: unknown } & NotificationOptions;
    reply: Stored & { duplicate: boolean };
  };
  /** Tells everybody, or an audience; for administrators. `clientId` makes a retry free. */
  'notification.broadcast': {
    data: { audience?: NotificationAudience; type: string; content: unknown } & NotificationOptions;
    reply: Stored & { duplicate: boolean };
  };
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
