import {
  MessageKind,
  type ChatMessage,
  type MediaContent,
  type MessageDraft,
  type MessageMeta,
} from '@rookery/protocol';
import { invalidField } from '../../common/index.js';

/** Kinds by the number they have in dialects that number them. */
const KINDS: readonly MessageKind[] = [
  MessageKind.Text,
  MessageKind.Image,
  MessageKind.File,
  MessageKind.Voice,
];
const NUMBERS: ReadonlyMap<MessageKind, number> = new Map(KINDS.map((kind, index) => [kind, index + 1]));
const MAX_NUMBER = 999;

/** What the native protocol takes as the address of a file. */
const MEDIA_URL = /^(https?:\/\/|\/(?!\/))[^\s\\]{1,2040}$/;

type Draft = Pick<MessageDraft, 'kind' | 'content' | 'meta'>;

/** A numbered content. */
export interface Numbered {
  number: number;
  content: string;
}

/**
 * 1 text, 2 image, 3 file, 4 voice. A content that is no address of a file, or has another number, is a custom message
 * that only this dialect understands: its number is in `meta` under `key`, which is also what the field is called.
 */
export function draftOf(number: unknown, content: unknown, key: string): Draft {
  if (typeof content !== 'string') throw invalidField('content', 'A string');
  if (typeof number !== 'number' || !Number.isInteger(number) || number < 1 || number > MAX_NUMBER)
    throw invalidField(key, `A whole number from 1 to ${MAX_NUMBER}`);
  const kind = KINDS[number - 1];
  if (kind === MessageKind.Text) return { kind, content };
  if (kind && MEDIA_URL.test(content)) return { kind, content: { url: content } };
  return { kind: MessageKind.Custom, content, meta: { [key]: number } };
}

/** Undefined: there is no form for it. Of a file only the address has one. */
export function numberedOf(
  { kind, content, meta, recalled }: ChatMessage,
  key: string,
): Numbered | undefined {
  if (recalled) return undefined;
  if (kind === MessageKind.Custom) return customOf(content, meta?.[key]);
  const number = NUMBERS.get(kind) as number;
  return { number, content: kind === MessageKind.Text ? (content as string) : (content as MediaContent).url };
}

function customOf(content: unknown, number: unknown): Numbered | undefined {
  return typeof number === 'number' && typeof content === 'string' ? { number, content } : undefined;
}

/** Of two parts of a meta, either of which may be absent. */
export function mergedMeta(one: MessageMeta | undefined, other: MessageMeta | undefined) {
  return one && other ? { ...one, ...other } : (one ?? other);
}
