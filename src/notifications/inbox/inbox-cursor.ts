import { decodeListCursor, encodeListCursor, invalidField } from '../../common/index.js';

/** Where a page of the list ended: in which half, and before which places. */
export interface InboxCursor {
  half: 'unread' | 'read';
  /** Everything from here on was given; of the own inbox and of the channel. */
  inbox: number;
  channel: number;
}

export const FIRST_PAGE: InboxCursor = {
  half: 'unread',
  inbox: Number.MAX_SAFE_INTEGER,
  channel: Number.MAX_SAFE_INTEGER,
};

export function encodeInboxCursor({ half, inbox, channel }: InboxCursor): string {
  return encodeListCursor([half === 'unread' ? 0 : 1, inbox, channel]);
}

/** AppError `invalid` for anything that we did not make. */
export function decodeInboxCursor(cursor: string): InboxCursor {
  const [half, inbox, channel] = decodeListCursor(cursor, 'number', 'number', 'number');
  if (half !== 0 && half !== 1) throw invalidField('cursor', 'Not a cursor of this list');
  return { half: half === 0 ? 'unread' : 'read', inbox, channel };
}
