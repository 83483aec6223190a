import webPush from 'web-push';
import { z } from 'zod';
import { invalidField } from '../common/index.js';
import { failureOf, outcomeOf, type Poster } from './http-post.js';
import { namesPrivateAddress } from './public-address.js';
import { type PushDelivery, type PushOutcome, PushProvider } from './push-provider.js';
import { eventWithin } from './webhook-provider.js';

export interface WebPushOptions {
  /** VAPID keys, base64url (RFC 8292). */
  publicKey: string;
  privateKey: string;
  /** `mailto:` or `https:` address of who runs this server. */
  subject: string;
  /** Whether endpoints may be http and at addresses that are not public. */
  anyAddress: boolean;
}

/** Push services take 4,096 bytes after encryption. */
const MAX_PAYLOAD_BYTES = 3000;

/** Seconds that a push service keeps it for a device that is away. */
const TIME_TO_LIVE = 86_400;

const Subscription = z.strictObject({
  endpoint: z.string().max(2048),
  expirationTime: z.unknown().optional(),
  keys: z.strictObject({
    /** An uncompressed point of P-256. */
    p256dh: z.string().regex(/^[\w-]{86,88}={0,2}$/),
    auth: z.string().regex(/^[\w-]{22,24}={0,2}$/),
  }),
});
type Subscription = z.infer<typeof Subscription>;

/** Browsers, by RFC 8030, 8291 and 8292. The token is the `PushSubscription` as the browser gives it. */
export class WebPushProvider extends PushProvider {
  override readonly name = 'webpush';
  override readonly publicInfo: { publicKey: string };

  constructor(
    private readonly options: WebPushOptions,
    private readonly poster: Poster,
  ) {
    super();
    this.publicInfo = { publicKey: options.publicKey };
  }

  /** The endpoint is an address that a client chose: https to a public one, or it is refused. */
  override accept(token: unknown): Pick<Subscription, 'endpoint' | 'keys'> {
    const parsed = Subscription.safeParse(token);
    if (!parsed.success) throw invalidField('token', 'Not a PushSubscription');
    const { endpoint, keys } = parsed.data;
    if (!this.mayConnect(endpoint)) throw invalidField('token.endpoint', 'An https address that is public');
    return { endpoint, keys };
  }

  override async send(delivery: PushDelivery): Promise<PushOutcome> {
    try {
      const details = this.requestTo(delivery);
      const answer = await this.poster.send({
        url: details.endpoint,
        headers: details.headers as Record<string, string>,
        body: details.body ?? '',
      });
      return outcomeOf(answer, [404, 410]);
    } catch (error) {
      return failureOf(error);
    }
  }

  private requestTo({ id, token, message }: PushDelivery): webPush.RequestDetails {
    const { type, conversation, seq, entry, priority } = message;
    const payload = { id, type, conversation, seq, entry, ...eventWithin(message, MAX_PAYLOAD_BYTES) };
    const { publicKey, privateKey, subject } = this.options;
    return webPush.generateRequestDetails(token as webPush.PushSubscription, JSON.stringify(payload), {
      TTL: TIME_TO_LIVE,
      urgency: priority,
      contentEncoding: 'aes128gcm',
      vapidDetails: { publicKey, privateKey, subject },
    });
  }

  private mayConnect(endpoint: string): boolean {
    if (!URL.canParse(endpoint)) return false;
    const url = new URL(endpoint);
    if (url.username || url.password) return false;
    if (this.options.anyAddress) return /^https?:$/.test(url.protocol);
    return url.protocol === 'https:' && !namesPrivateAddress(url) && url.hostname !== 'localhost';
  }
}
