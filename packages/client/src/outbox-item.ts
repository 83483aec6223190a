import type { ChatMessage, Commands, MessageDraft, Target } from '@rookery/protocol';
import type { Entry } from './entry.js';
import type { RookeryError } from './rookery-error.js';

/** A message that has its place in the order, and no acknowledgement yet. */
export interface OutboxItem {
  clientId: string;
  target: Target;
  draft: MessageDraft;
  /** Whose it is; absent until the first hello has told. */
  user?: string;
}

/** Who waits for it; one that came back from the storage has nobody. */
export interface Waiter {
  resolve(receipt: SendReceipt): void;
  reject(error: RookeryError): void;
}

export type SendReceipt = Commands['chat.send']['reply'];

/** Messages of one key go one after another. */
export const keyOf = ({ target }: OutboxItem): string =>
  target.to === undefined ? `#${target.conversation}` : `@${target.to}`;

export const isItem = (item: OutboxItem, message: ChatMessage): boolean =>
  item.clientId === message.clientId &&
  (item.target.to === undefined
    ? item.target.conversation === message.conversation
    : item.target.to === message.to);

/** Something of a user that goes to a target. */
export type Addressed = Pick<OutboxItem, 'target' | 'user'>;

/** Whether it goes to the conversation of this entry, or may: only messages say who is at the other end. */
export function isBound({ target, user }: Addressed, { event, data }: Entry): boolean {
  if (target.to === undefined) return target.conversation === data.conversation;
  if (event !== 'chat.message') return data.conversation.startsWith('dm:');
  return data.to !== undefined && target.to === (data.from === user ? data.to : data.from);
}

/** The message as everybody else gets it, but for what a hook of the installation has made of it. */
export function messageOf(
  { target, draft, clientId }: OutboxItem,
  from: string,
  receipt: SendReceipt,
): ChatMessage {
  const { conversation, seq, id, time } = receipt;
  const to = target.to === undefined ? {} : { to: target.to };
  return { conversation, seq, id, time, from, ...to, ...draft, clientId };
}

/** A name for one message, with which it may be sent again and again and is stored once. */
export function newClientId(): string {
  const { crypto } = globalThis;
  // Pages that were not loaded securely have no randomUUID.
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}
