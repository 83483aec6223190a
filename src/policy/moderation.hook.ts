import { createHash } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { ErrorCode, type MessageDraft } from '@rookery/protocol';
import { BeforeSend, type BeforeSendHook, type OutgoingMessage } from '../chat/index.js';
import { AppError, signatureHeaders } from '../common/index.js';
import { fetchJson } from '../common/fetch-json.js';
import { AppConfig } from '../config/index.js';

const MAX_BYTES = 64 * 1024;
/** Verdicts remembered, and for how many milliseconds: longer than any client repeats itself. */
const REMEMBERED = 20_000;
const REMEMBERED_FOR = 600_000;

const Verdict = z.object({ allow: z.boolean(), reason: z.string().max(200).optional() });
type Verdict = z.infer<typeof Verdict>;

/**
 * Asks `MODERATION_URL` about every message before it is stored: a signed POST (Standard Webhooks) of
 * `{"type":"message.send","timestamp":…,"data":{from,to?,conversation,kind,content,…}}`, answered by
 * `{"allow":true}` or `{"allow":false,"reason"?:"…"}`. A repeated message has the same `webhook-id`, and gets the same
 * answer without a question.
 */
@BeforeSend()
@Injectable()
export class ModerationHook implements BeforeSendHook {
  private readonly logger = new Logger('Moderation');
  private readonly settings: NonNullable<AppConfig['policy']['moderation']>;
  private readonly verdicts = new LRUCache<string, Promise<Verdict>>({
    max: REMEMBERED,
    ttl: REMEMBERED_FOR,
  });

  constructor({ policy }: AppConfig) {
    if (!policy.moderation) throw new Error('MODERATION_URL is not set');
    this.settings = policy.moderation;
  }

  async beforeSend(message: Readonly<OutgoingMessage>): Promise<Partial<MessageDraft> | void> {
    const { allow, reason } = await this.verdict(message);
    if (!allow) throw new AppError(ErrorCode.Refused, reason ? { message: reason } : {});
  }

  private verdict(message: Readonly<OutgoingMessage>): Promise<Verdict> {
    const data = JSON.stringify(message);
    const id = `msg_${createHash('sha256').update(data).digest('base64url')}`;
    const known = this.verdicts.get(id);
    if (known) return known;
    const asked = this.ask(id, data);
    this.verdicts.set(id, asked);
    // What could not be asked is asked again.
    asked.catch(() => this.verdicts.delete(id));
    return asked;
  }

  private async ask(id: string, data: string): Promise<Verdict> {
    const { url, key, timeout, onFailure } = this.settings;
    const now = new Date();
    const body = `{"type":"message.send","timestamp":"${now.toISOString()}","data":${data}}`;
    const signature = signatureHeaders(key, id, Math.floor(now.getTime() / 1000), body);
    try {
      const answer = await fetchJson(new URL(url), {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...signature },
        body,
        timeout,
        maxBytes: MAX_BYTES,
      });
      return Verdict.parse(answer);
    } catch (cause) {
      this.logger.warn({ err: cause, onFailure }, 'MODERATION_URL gave no verdict');
      if (onFailure === 'allow') return { allow: true };
      throw new AppError(ErrorCode.Unavailable, { message: 'The message could not be checked', cause });
    }
  }
}
