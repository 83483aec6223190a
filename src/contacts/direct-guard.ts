import { Injectable } from '@nestjs/common';
import { ErrorCode } from '@rookery/protocol';
import { AppError } from '../common/index.js';
import { AppConfig } from '../config/index.js';
import { JournalService, parseConversationId, type AppendGuard } from '../journal/index.js';
import { areContactsIn, isBlockedIn } from './contact-pair.js';

/** Says the same whether the receiver has blocked the sender or the installation wants contacts only. */
export const NOT_ACCEPTED = 'This user does not accept messages from you';

const refusal = (): AppError => new AppError(ErrorCode.Refused, { message: NOT_ACCEPTED });

/** Of direct conversations: nothing of a blocked user comes in. */
export const blockGuard: AppendGuard = (state, { sender }) =>
  isBlockedIn(state, sender) ? refusal() : undefined;

/** Nor anything of who is no contact; what one writes to himself passes. */
export const contactGuard: AppendGuard = (state, request) => {
  if (isBlockedIn(state, request.sender)) return refusal();
  return areContactsIn(state) || isAlone(request.conversation) ? undefined : refusal();
};

function isAlone(conversation: string): boolean {
  const address = parseConversationId(conversation);
  return address?.kind === 'direct' && address.members[0] === address.members[1];
}

/** Sets the guard that `MESSAGE_POLICY` asks for. */
@Injectable()
export class DirectGuard {
  constructor(journal: JournalService, { policy }: AppConfig) {
    journal.setGuard('direct', policy.messages === 'contacts' ? contactGuard : blockGuard);
  }
}
