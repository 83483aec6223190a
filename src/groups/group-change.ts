import type { GroupChange } from '@rookery/protocol';
import type { MembershipEffect } from '../hub/index.js';
import { entryId, type Entry } from '../journal/index.js';

/** Type of the journal entries that change a group. */
export const GROUP_ENTRY = 'group.changed';

/** What the journal keeps of a change; the rest is the entry itself. */
export type GroupChangeBody = Omit<GroupChange, 'conversation' | 'seq' | 'id' | 'time' | 'by'>;

export function toGroupChange(entry: Entry): GroupChange {
  const { conversation, seq, time, sender } = entry;
  return { conversation, seq, id: entryId(entry), time, by: sender, ...(entry.body as GroupChangeBody) };
}

/** Delivery to a member begins and ends with the entry that made or ended him as such. */
export function membershipEffectOf({ sender, body }: Entry): MembershipEffect {
  const { change, users } = body as GroupChangeBody;
  if (change === 'created') return { joined: [sender] };
  if (change === 'joined') return { joined: users };
  if (change === 'left' || change === 'removed' || change === 'banned') return { left: users };
  return {};
}
