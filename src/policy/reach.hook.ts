import { Injectable } from '@nestjs/common';
import { ErrorCode } from '@rookery/protocol';
import { BeforeSend, type BeforeSendHook, type OutgoingMessage } from '../chat/index.js';
import { AppError } from '../common/index.js';
import { NOT_ACCEPTED, ReachPolicy } from '../contacts/index.js';

/** Blocks and `MESSAGE_POLICY` where another service keeps the contacts: as it said it last, not under a lock. */
@BeforeSend()
@Injectable()
export class ReachHook implements BeforeSendHook {
  constructor(private readonly reach: ReachPolicy) {}

  async beforeSend({ from, to }: Readonly<OutgoingMessage>): Promise<void> {
    if (to === undefined || (await this.reach.mayReach(from, to))) return;
    throw new AppError(ErrorCode.Refused, { message: NOT_ACCEPTED });
  }
}
