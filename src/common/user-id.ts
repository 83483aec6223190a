/** Longest user id, counted after `:` and `%` are escaped; two of them and a prefix fit in a conversation id. */
export const MAX_USER_ID_LENGTH = 120;

/**
 * No control, format or surrogate characters, nothing invisible, no separators but a plain space, and no space at either
 * end.
 */
const USER_ID_PATTERN =
  /^(?! )(?:[^\p{Cc}\p{Cf}\p{Cs}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]| (?!$))+$/u;

/** What nearly every id is made of; nothing in it is escaped. */
const PLAIN_ID = /^[\w.@-]{1,120}$/;

/** A user id as it stands inside a conversation id, where `:` separates. */
export function escapeUserId(userId: string): string {
  if (!userId.includes(':') && !userId.includes('%')) return userId;
  return userId.replace(/[%:]/g, (char) => (char === '%' ? '%25' : '%3A'));
}

export function isUserId(value: string): boolean {
  if (PLAIN_ID.test(value)) return true;
  return (
    value.length <= MAX_USER_ID_LENGTH &&
    escapeUserId(value).length <= MAX_USER_ID_LENGTH &&
    USER_ID_PATTERN.test(value)
  );
}
