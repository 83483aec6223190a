import { Injectable, Logger } from '@nestjs/common';
import type { Entry } from '../journal/index.js';
import { HubEvent } from './hub-event.js';

type Presenter = (entry: Entry) => { type: string; data: unknown };

/**
 * How entries look on the wire. The hub carries entries of every type without knowing any of them: the room that
 * writes a type says here, once, which event it becomes.
 */
@Injectable()
export class EventPresenters {
  private readonly logger = new Logger(EventPresenters.name);
  private readonly presenters = new Map<string, Presenter>();
  /** Types of entries that count as unread. */
  readonly unreadTypes: string[] = [];

  /** `unread`: such an entry counts as unread for everybody but its sender; default: it does not. */
  register(entryType: string, presenter: Presenter, { unread = false } = {}): void {
    if (this.presenters.has(entryType)) throw new Error(`Entry type ${entryType} is presented twice`);
    this.presenters.set(entryType, presenter);
    if (unread) this.unreadTypes.push(entryType);
  }

  /** Undefined for an entry type that clients do not see, or that its room fails to present. */
  present(entry: Entry): HubEvent | undefined {
    try {
      const event = this.describe(entry);
      return event && new HubEvent(event.type, event.data);
    } catch (error) {
      this.logger.error({ err: error, type: entry.type }, 'An entry could not be presented');
      return undefined;
    }
  }

  /** Event name and data, not encoded: for histories. */
  describe(entry: Entry): { type: string; data: unknown } | undefined {
    return this.presenters.get(entry.type)?.(entry);
  }
}
