import type { Target } from './chat.js';
import type { ChatMessage, Position, Stored } from './messages.js';

/** What came of a command that is stored once. */
type Done = Stored & { duplicate: boolean };

/** One emoji on a message. */
export interface ReactionSummary {
  emoji: string;
  /** Users. */
  count: number;
  /** Whether the caller is one of them. */
  mine: boolean;
}

/** A message that is pinned in its conversation. */
export interface Pin {
  message: ChatMessage;
  /** Who pinned it. */
  by: string;
  /** Milliseconds since the epoch. */
  time: number;
}

/** Commands on messages that are there. `seq` is that of the message; `clientId` makes a retry free. */
export interface MessageActionCommands {
  /** Gives an own text message another content. */
  'chat.edit': { data: Target & { seq: number; content: string; clientId?: string }; reply: Done };
  /** Takes the content of a message away, for good and for everybody. */
  'chat.recall': { data: Target & { seq: number; clientId?: string }; reply: Done };
  /** Adds an emoji of the caller, or with `active: false` takes it away. Default: true. */
  'chat.react': {
    data: Target & { seq: number; emoji: string; active?: boolean; clientId?: string };
    reply: Done;
  };
  /** Pins a message, or with `active: false` no longer. Default: true. */
  'chat.pin': { data: Target & { seq: number; active?: boolean; clientId?: string }; reply: Done };
  /** The last messages that are pinned, the last first; `before`: exclusive. `limit` 1–200, default 50. */
  'chat.pins': {
    data: Target & { before?: number; limit?: number };
    reply: { conversation: string; pins: Pin[]; more: boolean };
  };
  /** Deletes up to 100 messages for the caller alone. */
  'chat.hide': { data: Target & { seqs: number[]; clientId?: string }; reply: Done };
  /** Sends a copy of a message, as it is now, to the target. */
  'chat.forward': { data: Target & { from: Position; clientId?: string }; reply: Done };
}

/** An entry that changes a message. */
export interface MessageChange extends Stored {
  from: string;
  /** Sequence number of the message. */
  targetSeq: number;
  clientId?: string;
}

/** `chat.edited`. Without `content`: a later edit or the recall has taken it away. */
export interface MessageEdited extends MessageChange {
  content?: string;
}

/** `chat.reaction`. Repeating one changes nothing. */
export interface MessageReaction extends MessageChange {
  emoji: string;
  active: boolean;
}

/** `chat.pinned`. */
export interface MessagePinned extends MessageChange {
  active: boolean;
}

/** `chat.hidden`: an entry of the user's own inbox. */
export interface MessagesHidden extends Stored {
  messages: { conversation: string; seqs: number[] };
  clientId?: string;
}

/** Events of messages that were there; all of them are entries of a journal. */
export interface MessageActionEvents {
  'chat.edited': MessageEdited;
  'chat.recalled': MessageChange;
  'chat.reaction': MessageReaction;
  'chat.pinned': MessagePinned;
  'chat.hidden': MessagesHidden;
}
