import type { HistoryEntry } from './frames.js';
import type { MessageKind } from './messages.js';

/** Part of a found message's text: plain text, never markup. */
export interface SearchSnippet {
  /** At most 160 characters, and `…` where something is left out. */
  text: string;
  /** What was found: from and to, in UTF-16 units of `text`; none where it cannot be shown. */
  marks: [from: number, to: number][];
}

export interface SearchHit {
  /** As in `chat.history`. */
  message: HistoryEntry;
  snippet: SearchSnippet;
}

/** Commands that find things. */
export interface SearchCommands {
  'search.messages': {
    /** All words of `query` must be there. `from` is a user; `before` and `after` are milliseconds since the epoch, both exclusive. */
    data: {
      query: string;
      conversation?: string;
      from?: string;
      kinds?: MessageKind[];
      before?: number;
      after?: number;
      cursor?: string;
      limit?: number;
    };
    /** The newest first. `complete: false`: what was sent last may not be in it yet. */
    reply: { results: SearchHit[]; next: string | null; complete: boolean };
  };
}
