import type { DurableEvents, HistoryEntry, Stored } from '@rookery/protocol';

/** An entry of a journal, as the event it is on the wire. */
export type Entry = {
  [Name in keyof DurableEvents]: { event: Name; data: DurableEvents[Name] };
}[keyof DurableEvents];

/** An entry of a history, as it would have come live. */
export const entryOf = ({ event, ...data }: HistoryEntry): Entry => ({ event, data }) as Entry;

/** Whether data are of an entry: it has a place, also where its type is newer than this client. */
export function isStored(data: unknown): data is Stored {
  const { conversation, seq, id } = (data ?? {}) as Partial<Stored>;
  return seq !== undefined && id === `${conversation}#${seq}`;
}
