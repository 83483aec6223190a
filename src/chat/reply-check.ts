import { invalidField } from '../common/index.js';
import { isFor, type AppendRule } from '../journal/index.js';
import { MESSAGE_ENTRY } from './chat-message.js';

/** What a message answers must be a message that its sender can see; it may be recalled. */
export const replyCheck: AppendRule = ({ entry, relation }, { sender, targets }) => {
  const answered = targets?.[0] === undefined ? undefined : entry(targets[0]);
  const own = relation(sender);
  const isThere = answered?.type === MESSAGE_ENTRY && own && isFor(answered.seq, own);
  return isThere ? undefined : invalidField('replyTo', 'No such message');
};
