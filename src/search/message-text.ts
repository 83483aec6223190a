import { MessageKind, type MessageDraft } from '@rookery/protocol';
import type { Entry } from '../journal/index.js';

/** Entries that are found. */
const MESSAGE = 'message';

/** Entries that change another, whose `seq` is in their body. */
const CHANGES: readonly string[] = ['edit', 'recall'];

export const isMessage = ({ type }: Entry): boolean => type === MESSAGE;

/** The message that an entry changed. */
export function changedBy({ type, body }: Entry): number | undefined {
  const seq = CHANGES.includes(type) ? (body as { seq?: unknown } | null)?.seq : undefined;
  return typeof seq === 'number' ? seq : undefined;
}

/** What a message is found by: its text, or the name of its file. Undefined: nothing, as when it was recalled. */
export function textOf({ body }: Entry): string | undefined {
  const { kind, content, now } = body as MessageDraft & { now?: { recalled?: unknown } };
  if (now?.recalled || kind === MessageKind.Custom) return undefined;
  const text = kind === MessageKind.Text ? content : (content as { name?: unknown } | null)?.name;
  return typeof text === 'string' ? text : undefined;
}

export const kindOf = ({ body }: Entry): MessageKind => (body as MessageDraft).kind;
