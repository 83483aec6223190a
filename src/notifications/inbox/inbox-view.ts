import type { EntryReader } from '../../hub/index.js';
import type { Membership } from '../../journal/index.js';
import { filterFor } from '../audience.js';
import { isShown, type NotificationBody } from '../notification-message.js';
import type { InboxRow } from './inbox.repository.js';

/** One of the two conversations that a list is made of, as its reader has it. */
export type InboxSource = Pick<Membership, 'conversation' | 'joined' | 'read' | 'head'>;

/** What a reader sees at one moment. */
export class InboxView {
  private readonly now = Date.now();

  constructor(
    readonly user: string,
    /** The own inbox, and the broadcast channel. */
    readonly sources: readonly InboxSource[],
    private readonly reader: EntryReader,
    /** Undefined: he named none. */
    readonly locale?: string,
  ) {}

  admits({ audience }: NotificationBody): boolean {
    return filterFor(audience)?.(this.reader) ?? true;
  }

  shows({ body }: InboxRow): boolean {
    return isShown(body, this.now) && this.admits(body);
  }
}
