import { invalidField, signatureHeaders } from '../common/index.js';
import { failureOf, outcomeOf, type Poster } from './http-post.js';
import { type PushDelivery, type PushMessage, type PushOutcome, PushProvider } from './push-provider.js';

export interface WebhookOptions {
  url: string;
  /** The key of the signature. */
  secret: Buffer;
}

/** Bytes of an event; what is larger is told without its content, and can be read from the history. */
const MAX_EVENT_BYTES = 65_536;

const MAX_TOKEN_LENGTH = 4096;

/**
 * Tells a service of the operator, which knows how to reach its devices: signed as Standard Webhooks
 * (https://github.com/standard-webhooks/standard-webhooks) has it. 410 says that the token is gone.
 */
export class WebhookProvider extends PushProvider {
  override readonly name = 'webhook';
  override readonly publicInfo = {};

  constructor(
    private readonly options: WebhookOptions,
    private readonly poster: Poster,
  ) {
    super();
  }

  /** Any text: what it means is the service's business. */
  override accept(token: unknown): string {
    if (typeof token === 'string' && token.length > 0 && token.length <= MAX_TOKEN_LENGTH) return token;
    throw invalidField('token', `A text of 1 to ${MAX_TOKEN_LENGTH} characters`);
  }

  override async send(delivery: PushDelivery): Promise<PushOutcome> {
    const body = JSON.stringify(bodyOf(delivery));
    const timestamp = Math.floor(Date.now() / 1000);
    try {
      const answer = await this.poster.send({
        url: this.options.url,
        body,
        headers: {
          'Content-Type': 'application/json',
          'User-Agent': 'rookery',
          ...signatureHeaders(this.options.secret, delivery.id, timestamp, body),
        },
      });
      return outcomeOf(answer, [410]);
    } catch (error) {
      return failureOf(error);
    }
  }
}

function bodyOf({ user, device, token, message }: PushDelivery): object {
  const { type, time, conversation, seq, entry, priority } = message;
  return {
    type,
    timestamp: new Date(time).toISOString(),
    data: {
      user,
      device,
      token,
      conversation,
      seq,
      id: entry,
      priority,
      ...eventWithin(message, MAX_EVENT_BYTES),
    },
  };
}

/** The event, without its content where that is too much. */
export function eventWithin({ event }: PushMessage, bytes: number): object {
  if (!event) return {};
  if (Buffer.byteLength(JSON.stringify(event)) <= bytes) return { event };
  const { content: _content, ...data } = event.data;
  return { event: { type: event.type, data }, truncated: true };
}
