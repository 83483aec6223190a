/** A user who is seen for the first time gets the broadcasts of the last week, and none that is older. */
export const BROADCAST_WINDOW_DAYS = 7;

const DAY = 86_400_000;

/** Milliseconds since the epoch; broadcasts before it are not for a user who is new now. */
export const broadcastWindowStart = (now: number): number => now - BROADCAST_WINDOW_DAYS * DAY;

/** The last entry of a conversation before a time. */
export const LAST_ENTRY_BEFORE =
  'SELECT seq FROM entries WHERE conversation_id = ? AND created_at < ? ORDER BY seq DESC LIMIT 1';
