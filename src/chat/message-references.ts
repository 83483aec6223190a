import { Injectable } from '@nestjs/common';
import type { Entry, RowStatement } from '../journal/index.js';
import type { OutgoingMessage } from './before-send.js';

/** Rows that are stored together with a message. */
export type RowsOfMessage = (entry: Entry) => readonly RowStatement[];

/** Undefined, and not a promise: the message refers to nothing of this keeper. */
export type ReferenceKeeper = (message: OutgoingMessage) => Promise<RowsOfMessage> | undefined;

/** What is to be written when a message is gone. */
export type ReleaseRows = (conversation: string, seq: number) => readonly RowStatement[];

/** Rooms that keep what messages refer to, so that it is kept for as long as the message, for those who see it. */
@Injectable()
export class MessageReferences {
  private readonly keepers: ReferenceKeeper[] = [];
  private readonly releases: ReleaseRows[] = [];

  /** `release`: what ends the references of a message that is recalled, written with the recall. */
  register(keeper: ReferenceKeeper, release: ReleaseRows): void {
    this.keepers.push(keeper);
    this.releases.push(release);
  }

  release(conversation: string, seq: number): RowStatement[] {
    return this.releases.flatMap((rows) => rows(conversation, seq));
  }

  /** Text refers to nothing, so that most messages are not held up. */
  claim(message: OutgoingMessage): Promise<RowsOfMessage> | undefined {
    if (typeof message.content === 'string') return undefined;
    const claims = this.keepers.map((keeper) => keeper(message)).filter((claim) => claim !== undefined);
    return claims.length === 0 ? undefined : Promise.all(claims).then(together);
  }
}

function together(claims: RowsOfMessage[]): RowsOfMessage {
  return (entry) => claims.flatMap((rows) => rows(entry));
}
