import type { Stored } from '@rookery/protocol';
import type { ConversationTarget } from '../conversation-access.js';
import type { SendOptions } from '../message.service.js';

/** Types of the journal entries that change messages. */
export const EDIT_ENTRY = 'edit';
export const RECALL_ENTRY = 'recall';
export const REACTION_ENTRY = 'reaction';
export const PIN_ENTRY = 'pin';
/** In the user's own inbox. */
export const HIDE_ENTRY = 'hide';

/** What the journal keeps of them; `seq` is that of the message. */
export interface EditBody {
  seq: number;
  /** Absent: taken away by a later edit or by the recall. */
  content?: string;
}
export interface RecallBody {
  seq: number;
}
export interface ReactionBody {
  seq: number;
  emoji: string;
  active: boolean;
}
export interface PinBody {
  seq: number;
  active: boolean;
}
export interface HideBody {
  conversation: string;
  seqs: number[];
}

/** Which message, and the sender's idempotency key; default: a new one. */
export interface MessageAddress extends ConversationTarget {
  seq: number;
  clientId?: string;
}

export interface ActionOptions extends SendOptions {
  /** The windows of time do not bind: an administrator acts for the user. */
  anyTime?: boolean;
}

export type ActionResult = Stored & { duplicate: boolean };
