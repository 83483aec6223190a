import { ErrorCode } from '@rookery/protocol';
import { AppError } from '../../common/index.js';
import { isFor, type AppendRequest, type Entry, type Relation, type Scene } from '../../journal/index.js';
import { MESSAGE_ENTRY, type MessageBody } from '../chat-message.js';

/** A message that is there, for who acts on it. */
export interface MessageTarget {
  entry: Entry;
  body: MessageBody;
  /** The caller's. */
  relation: Relation;
}

/** Judged under the lock of the conversation: what is recalled, invisible or no message is `not_found`. */
export function messageTarget(scene: Scene, { sender, targets }: AppendRequest): MessageTarget | AppError {
  const entry = targets?.[0] === undefined ? undefined : scene.entry(targets[0]);
  const relation = scene.relation(sender);
  if (!entry || !relation || !isFor(entry.seq, relation) || !isPresent(entry))
    return new AppError(ErrorCode.NotFound);
  return { entry, body: entry.body as MessageBody, relation };
}

/** Whether an entry is a message whose content is still there. */
export function isPresent({ type, body }: Entry): boolean {
  return type === MESSAGE_ENTRY && !(body as MessageBody).now?.recalled;
}
