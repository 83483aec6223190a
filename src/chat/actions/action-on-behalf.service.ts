import { Injectable } from '@nestjs/common';
import { ErrorCode } from '@rookery/protocol';
import { isAdmin, type Principal } from '../../auth/index.js';
import { AppError, type Deferred, idempotencyKeyOf } from '../../common/index.js';
import type { ActionOptions, ActionResult, MessageAddress } from './action-types.js';
import { EditService } from './edit.service.js';
import type { EditBody, MessagePath, ReactionPath } from './message-actions.schema.js';
import { PinService } from './pin.service.js';
import { ReactionService } from './reaction.service.js';
import { RecallService } from './recall.service.js';

/** Who calls, for whom, and the Idempotency-Key header. */
export interface Caller {
  principal: Principal;
  from?: string;
  key?: string;
}

/** The same without a socket: for oneself, or for anybody by who administers, who is not bound by windows of time. */
@Injectable()
export class ActionOnBehalfService {
  constructor(
    private readonly edits: EditService,
    private readonly recalls: RecallService,
    private readonly reactions: ReactionService,
    private readonly pins: PinService,
  ) {}

  async edit(caller: Caller, path: MessagePath, { content, clientId }: EditBody): Promise<ActionResult> {
    const { user, address, options } = resolved(caller, path, clientId);
    return settled(this.edits.submit(user, { ...address, content }, options));
  }

  async recall(caller: Caller, path: MessagePath): Promise<ActionResult> {
    const { user, address, options } = resolved(caller, path);
    return settled(this.recalls.submit(user, address, options));
  }

  async react(caller: Caller, { emoji, ...path }: ReactionPath, active: boolean): Promise<ActionResult> {
    const { user, address, options } = resolved(caller, path);
    return settled(this.reactions.submit(user, { ...address, emoji, active }, options));
  }

  async pin(caller: Caller, path: MessagePath, active: boolean): Promise<ActionResult> {
    const { user, address, options } = resolved(caller, path);
    return settled(this.pins.submit(user, { ...address, active }, options));
  }
}

function resolved(
  { principal, from, key }: Caller,
  path: MessagePath,
  clientId?: string,
): { user: string; address: MessageAddress; options: ActionOptions } {
  const user = from ?? principal.userId;
  const anyTime = from !== undefined && isAdmin(principal);
  if (user !== principal.userId && !anyTime) throw new AppError(ErrorCode.Forbidden);
  const address = { ...path, clientId: clientId ?? idempotencyKeyOf(key) };
  return { user, address, options: { principal, anyTime } };
}

async function settled(
  result: Deferred<ActionResult> | Promise<Deferred<ActionResult>>,
): Promise<ActionResult> {
  return (await result).toPromise();
}
