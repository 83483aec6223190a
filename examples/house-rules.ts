/** Moderation before a message is stored: one kind is refused, another is rewritten, the rest passes. */
import { Injectable, Module } from '@nestjs/common';
import { AppError, BeforeSend, ErrorCode, type BeforeSendHook, type OutgoingMessage } from 'rookery';

const CARD_NUMBER = /\b(?:\d[ -]?){13,19}\b/;
const RUDE = /\b(?:darn|heck)\b/gi;

/** A pure function of the message: a repeated one gets the same answer, so a retry is no conflict. */
@BeforeSend()
@Injectable()
export class HouseRules implements BeforeSendHook {
  beforeSend({ kind, content }: Readonly<OutgoingMessage>) {
    if (kind !== 'text' || typeof content !== 'string') return undefined;
    if (CARD_NUMBER.test(content))
      throw new AppError(ErrorCode.Refused, { message: 'Card numbers do not belong in a chat' });
    return { content: content.replace(RUDE, (word) => '*'.repeat(word.length)) };
  }
}

@Module({ providers: [HouseRules] })
export class HouseRulesModule {}
