import type { CallMedia, CallOutcome, CallRecord } from '@rookery/protocol';
import { directConversation, entryId, type AppendRequest, type Entry } from '../journal/index.js';
import type { Call, CallEnd } from './call.js';

/** Type of the entries that tell of calls, in direct conversations. */
export const CALL_ENTRY = 'call';

interface CallBody {
  call: string;
  to: string;
  media: CallMedia;
  outcome: CallOutcome;
  /** Seconds. */
  duration: number;
}

/** What is stored of a call that is over: once, however often it is tried. */
export function callEntry(call: Call, { outcome, duration }: CallEnd): AppendRequest {
  const { id, media } = call;
  const [from, to] = [call.caller.user, call.callee.user];
  const body: CallBody = { call: id, to, media, outcome, duration: Math.round(duration / 1000) };
  return {
    conversation: directConversation(from, to),
    create: { kind: 'direct', members: [from, to] },
    type: CALL_ENTRY,
    sender: from,
    clientId: id,
    body,
  };
}

export function toCallRecord(entry: Entry): CallRecord {
  const { conversation, seq, time, sender } = entry;
  return { conversation, seq, id: entryId(entry), time, from: sender, ...(entry.body as CallBody) };
}
