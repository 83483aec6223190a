import { ErrorCode, type Position } from '@rookery/protocol';
import { AppError } from '../common/index.js';
import { parseConversationId } from '../journal/index.js';

/** AppError `not_found` for what is no id of a notification. */
export function placeOf(id: string): Position {
  const [, conversation = '', seq = '0'] = /^(.*)#(\d{1,15})$/s.exec(id) ?? [];
  const kind = parseConversationId(conversation)?.kind;
  if (kind !== 'inbox' && kind !== 'broadcast') throw new AppError(ErrorCode.NotFound);
  return { conversation, seq: Number(seq) };
}
