import { type AppError, invalidField } from '../common/app-error.js';
import { bodyText } from './body-text.js';
import { isUserId, MAX_CONVERSATION_ID_LENGTH, MAX_USER_ID_LENGTH } from './conversation-id.js';
import type { JournalOperation } from './journal-store.js';
import { type AppendRequest, type ChangeRequest, type MarkRequest, SYSTEM_SENDER } from './journal.types.js';

export const MAX_CLIENT_ID_LENGTH = 64;
export const MAX_DEVICE_ID_LENGTH = 64;
export const MAX_TYPE_LENGTH = 32;

/** NUL ends a text in SQLite, a lone surrogate is stored as another character, and utf8mb4_bin ignores trailing spaces. */
const isKept = (id: string): boolean => !id.includes('\0') && !id.endsWith(' ') && id.isWellFormed();

const isStorable = (value: unknown, maxLength: number): boolean =>
  typeof value === 'string' && value.length > 0 && value.length <= maxLength && isKept(value);

/** Whether ids can be those of a row; any other must not even be looked for, because databases would bend it. */
export const mayExist = (...ids: string[]): boolean => ids.every(isKept);

const isSequence = (value: unknown): boolean =>
  value === undefined || (Number.isSafeInteger(value) && (value as number) >= 0);

/** Why an operation cannot be tried at all: every id must fit its column on every database, exactly. */
export function refusalOf(operation: JournalOperation): AppError | undefined {
  if (operation.op === 'append' || operation.op === 'find')
    return checkAppend(operation.request, operation.text);
  if (operation.op === 'mark') return checkMark(operation.request);
  if (operation.op === 'change') return checkChange(operation.request);
  return isUserId(operation.user) ? undefined : invalidField('user', 'Not a user id');
}

function checkAppend(request: AppendRequest, text = bodyText(request.body)): AppError | undefined {
  const { conversation, type, sender, device, clientId, create } = request;
  if (!isStorable(conversation, MAX_CONVERSATION_ID_LENGTH)) return invalidField('conversation', 'Not an id');
  if (!isStorable(type, MAX_TYPE_LENGTH)) return invalidField('type', `1 to ${MAX_TYPE_LENGTH} characters`);
  if (sender !== SYSTEM_SENDER && !isStorable(sender, MAX_USER_ID_LENGTH))
    return invalidField('sender', 'Not a user id');
  if (device !== undefined && !isStorable(device, MAX_DEVICE_ID_LENGTH))
    return invalidField('device', `1 to ${MAX_DEVICE_ID_LENGTH} characters`);
  if (!isStorable(clientId, MAX_CLIENT_ID_LENGTH))
    return invalidField('clientId', `1 to ${MAX_CLIENT_ID_LENGTH} characters`);
  if (create && !create.members.every(isUserId)) return invalidField('members', 'Not user ids');
  return text === undefined ? invalidField('body', 'Not JSON') : undefined;
}

function checkChange({ conversation, entries }: ChangeRequest): AppError | undefined {
  if (!isStorable(conversation, MAX_CONVERSATION_ID_LENGTH)) return invalidField('conversation', 'Not an id');
  for (const draft of entries) {
    const refusal = checkAppend({ ...draft, body: null });
    if (refusal) return refusal;
  }
  return undefined;
}

function checkMark(request: MarkRequest): AppError | undefined {
  const { conversation, user, device, delivered, read } = request;
  if (!isStorable(conversation, MAX_CONVERSATION_ID_LENGTH)) return invalidField('conversation', 'Not an id');
  if (!isStorable(user, MAX_USER_ID_LENGTH)) return invalidField('user', 'Not a user id');
  if (device && !isStorable(device, MAX_DEVICE_ID_LENGTH))
    return invalidField('device', `1 to ${MAX_DEVICE_ID_LENGTH} characters`);
  const fits = isSequence(delivered) && isSequence(read);
  return fits ? undefined : invalidField('seq', 'Not a sequence number');
}
