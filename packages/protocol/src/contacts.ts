import type { Stored } from './messages.js';

/**
 * What the other one is to a user: a contact, one who was asked and has not answered (`outgoing`), one who asks
 * (`incoming`), or none of these.
 */
export type ContactStatus = 'contact' | 'outgoing' | 'incoming' | 'none';

/** What changes it. `link` makes contacts without asking: for administrators, over REST. */
export type ContactAction = 'request' | 'accept' | 'decline' | 'remove' | 'link' | 'block' | 'unblock';

/** Somebody, as a user sees him. */
export interface ContactState {
  user: string;
  status: ContactStatus;
  /** Whether the user has blocked him. Whether he has blocked the user is told to nobody. */
  blocked: boolean;
}

/** One line of a user's list. */
export interface Contact extends ContactState {
  /** The user's own name for him. */
  remark?: string;
  /** What was said with a request that has no answer yet. */
  message?: string;
  /** When this last changed, milliseconds since the epoch. */
  time: number;
}

/** `contact.changed`: an entry of the user's inbox. Later ones replace earlier ones. */
export interface ContactChange extends Stored, ContactState {
  change: ContactAction | 'remark';
  /** Who did it: the user himself, on another device perhaps, or the other one. */
  by: string;
  /** Only with a request. */
  message?: string;
  /** Only with a remark; empty: it was taken away. */
  remark?: string;
}

/** Commands about contacts. All of them may be repeated: what is so already is answered as if it had been done. */
export interface ContactCommands {
  /** Asks somebody; who was asked by him already becomes his contact. `message` up to 200 characters. */
  'contact.request': { data: { to: string; message?: string }; reply: ContactState };
  /** Says yes to a request. */
  'contact.accept': { data: { user: string }; reply: ContactState };
  /** Says no to a request. */
  'contact.decline': { data: { user: string }; reply: ContactState };
  /** Ends a contact, or takes back a request. */
  'contact.remove': { data: { user: string }; reply: ContactState };
  /** Sets the caller's own name for somebody in his list, up to 64 characters; empty takes it away. */
  'contact.remark': { data: { user: string; remark: string }; reply: ContactState };
  /** From now on nothing of his reaches the caller. */
  'contact.block': { data: { user: string }; reply: ContactState };
  'contact.unblock': { data: { user: string }; reply: ContactState };
  /**
   * Pages through the caller's list in the order of user ids. `view` (default `contacts`): contacts, requests he got or
   * made, or whom he blocked.
   */
  'contact.list': {
    data: { view?: ContactView; cursor?: string; limit?: number };
    reply: { contacts: Contact[]; next: string | null };
  };
}
export type ContactView = 'contacts' | 'incoming' | 'outgoing' | 'blocked';

/** Events about contacts. */
export interface ContactEvents {
  'contact.changed': ContactChange;
}
