/** A message with its place, as little as a durable chat can store. */
export interface Row {
  conversation: string;
  sender: string;
  clientId: string;
  body: string;
  time: number;
  /** Given out by the commit. */
  seq: number;
}

/** Entries and heads like ours, without a look for duplicates, members or anything else: the unique keys refuse. */
export interface Journal {
  /** One transaction: sequence numbers from the heads, the entries, the new heads. */
  commit(rows: readonly Row[]): void | Promise<void>;
}

/** Gives out the next numbers and tells the new heads. */
export function number(rows: readonly Row[], heads: ReadonlyMap<string, number>): Map<string, number> {
  const moved = new Map<string, number>();
  for (const row of rows) {
    row.seq = (moved.get(row.conversation) ?? heads.get(row.conversation) ?? 0) + 1;
    moved.set(row.conversation, row.seq);
  }
  return moved;
}
