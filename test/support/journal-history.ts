import type { Entry, JournalStore } from '../../src/journal/index.js';

/** What the writers saw: entries that were acknowledged to them, and entries that were told to listeners. */
export interface History {
  /** Everything that anybody tried to store, as `conversation sender clientId`. */
  attempted: Set<string>;
  acknowledged: Entry[];
  /** By node, in the order in which its listeners heard them. */
  heard: Entry[][];
}

/** What follows it in a client id is not the client's: a control that breaks de-duplication puts it there. */
export const FORGED_MARK = '~';

export const identity = ({
  conversation,
  sender,
  clientId,
}: Omit<Entry, 'body' | 'seq' | 'time' | 'type'>): string =>
  `${conversation} ${sender} ${clientId.split(FORGED_MARK)[0]}`;

/** Every entry of a conversation, page by page. */
export async function readAll(store: JournalStore, conversation: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (;;) {
    const page = await store.read(conversation, { after: entries.at(-1)?.seq ?? 0, limit: 50 });
    if (page.length === 0) return entries;
    entries.push(...page);
  }
}

/** What breaks the promises of the journal, in words; empty when nothing does. */
export function violations(history: History, stored: Map<string, Entry[]>): string[] {
  const found: string[] = [];
  for (const [conversation, entries] of stored) {
    entries.forEach(({ seq }, index) => {
      if (seq !== index + 1) found.push(`${conversation}: hole before ${seq}`);
    });
  }
  const all = [...stored.values()].flat();
  const places = new Map(all.map((entry) => [identity(entry), entry.seq]));
  if (places.size !== all.length) found.push(`${all.length - places.size} stored more than once`);
  for (const entry of all)
    if (!history.attempted.has(identity(entry))) found.push(`never sent: ${identity(entry)}`);
  for (const entry of [...history.acknowledged, ...history.heard.flat()])
    if (places.get(identity(entry)) !== entry.seq) found.push(`not stored as told: ${identity(entry)}`);
  for (const heard of history.heard) found.push(...disorder(heard));
  return found;
}

function disorder(heard: Entry[]): string[] {
  const last = new Map<string, number>();
  return heard.flatMap(({ conversation, seq }) => {
    const previous = last.get(conversation) ?? 0;
    last.set(conversation, seq);
    return seq > previous ? [] : [`${conversation}: heard ${seq} after ${previous}`];
  });
}
