import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { toAppError } from '../common/to-app-error.js';
import { EventPresenters } from '../hub/index.js';
import { JournalService } from '../journal/index.js';
import { CALL_ENTRY, callEntry, toCallRecord } from './call-entry.js';
import type { Call, CallEnd } from './call.js';

const ATTEMPTS = 6;
/** Milliseconds before the second attempt; doubled for each after it. */
const PAUSE = 500;

/** Writes what became of calls into the direct conversations. */
@Injectable()
export class CallLog implements OnModuleInit {
  private readonly logger = new Logger('Calls');

  constructor(
    private readonly journal: JournalService,
    private readonly presenters: EventPresenters,
  ) {}

  onModuleInit(): void {
    this.presenters.register(CALL_ENTRY, (entry) => ({ type: 'chat.call', data: toCallRecord(entry) }));
  }

  /** Tries again while the store is away, for half a minute; what the receiver's block refuses is nobody's to see. */
  async write(call: Call, end: CallEnd): Promise<void> {
    const request = callEntry(call, end);
    for (let attempt = 1; ; attempt++) {
      try {
        return void (await this.journal.append(request));
      } catch (error) {
        const { traits, code } = toAppError(error);
        if (!traits.retryable || attempt === ATTEMPTS)
          return void this.logger[code === 'refused' ? 'debug' : 'error'](
            { err: error, call: call.id },
            'A call was not recorded',
          );
        await delay(PAUSE * 2 ** (attempt - 1), undefined, { ref: false });
      }
    }
  }
}
