import { Injectable } from '@nestjs/common';
import type { Entry } from '../journal/index.js';

/** Whom an entry makes members of its conversation, and whom it ends as such. */
export interface MembershipEffect {
  joined?: readonly string[];
  left?: readonly string[];
}

/**
 * Which entries change who gets the entries after them: the room that writes such a type says here, once, how to read
 * it. Delivery begins with the entry that made somebody a member and ends with the one that ended it.
 */
@Injectable()
export class MembershipEffects {
  private readonly readers = new Map<string, (entry: Entry) => MembershipEffect>();

  register(entryType: string, reader: (entry: Entry) => MembershipEffect): void {
    if (this.readers.has(entryType)) throw new Error(`Entry type ${entryType} has two membership effects`);
    this.readers.set(entryType, reader);
  }

  of(entry: Entry): MembershipEffect | undefined {
    return this.readers.get(entry.type)?.(entry);
  }
}
