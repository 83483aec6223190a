import type { Entry } from '../journal/index.js';
import type { Connection } from './connection.js';
import { EntryRun } from './entry-run.js';
import type { HubEvent } from './hub-event.js';

/** The connections of this node, by what is for them. */
export interface Recipients {
  /** Calls the visitor for each that an entry of a conversation is for. */
  visit(conversation: string, visitor: (connection: Connection) => void): void;
  includes(connection: Connection, conversation: string): boolean;
}

/**
 * Brings entries to connections, those of one conversation that were committed together in one pass over its audience:
 * looking at thousands of connections costs more than what is written to each. Nobody can tell it from entry by entry:
 * before anything else is written to a connection it is brought what the run under way has for it, and whoever changes an
 * audience ends the run first.
 */
export class FanOut {
  private run?: EntryRun;

  constructor(private readonly recipients: Recipients) {}

  /** The entry follows those that were added before. `origin` has it already. */
  add(entry: Entry, event: HubEvent, origin?: Connection): void {
    if (this.run?.conversation !== entry.conversation) this.flush();
    const run = (this.run ??= new EntryRun(entry.conversation));
    const isOwed = origin && this.recipients.includes(origin, entry.conversation);
    if (isOwed) this.bringTo(origin);
    run.add(entry, event);
    if (isOwed) origin.ahead = run.length;
  }

  /** What is under way for a connection is written to it now. */
  bringTo(connection: Connection): void {
    const { run } = this;
    const { ahead } = connection;
    if (!run || ahead === run.length || !this.recipients.includes(connection, run.conversation)) return;
    connection.ahead = run.length;
    connection.offerRun(run, ahead);
  }

  /** What is under way is written to everybody. */
  flush(): void {
    const { run } = this;
    if (!run) return;
    this.run = undefined;
    this.recipients.visit(run.conversation, (connection) => {
      const { ahead } = connection;
      connection.ahead = 0;
      if (ahead < run.length) connection.offerRun(run, ahead);
    });
  }
}
