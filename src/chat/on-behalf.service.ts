import { Injectable } from '@nestjs/common';
import { ErrorCode } from '@rookery/protocol';
import { isAdmin, type Principal } from '../auth/index.js';
import { AppError, idempotencyKeyOf } from '../common/index.js';
import type { SendOnBehalf } from './chat-rest.schema.js';
import { MessageService, type SendResult } from './message.service.js';

/** Sending without a socket: for oneself, or for anybody by who administers. */
@Injectable()
export class OnBehalfService {
  constructor(private readonly messages: MessageService) {}

  /** `idempotencyKey` (the header) counts as the client id when the body has none. */
  send(
    caller: Principal,
    { from = caller.userId, ...message }: SendOnBehalf,
    idempotencyKey?: string,
  ): Promise<SendResult> {
    if (from !== caller.userId && !isAdmin(caller)) throw new AppError(ErrorCode.Forbidden);
    const clientId = message.clientId ?? idempotencyKeyOf(idempotencyKey);
    return this.messages.send(from, { ...message, clientId }, { principal: caller });
  }
}
