import type { AppConfig } from '../config/index.js';
import { Poster } from './http-post.js';
import type { PushProvider } from './push-provider.js';
import { WebPushProvider } from './web-push-provider.js';
import { WebhookProvider } from './webhook-provider.js';

/** The providers that the settings ask for. The address of the webhook is the operator's, those of browsers are not. */
export function configuredProviders({ push }: Pick<AppConfig, 'push'>): PushProvider[] {
  const { timeout, concurrency, webhook, vapid, allowPrivate: anyAddress } = push;
  const providers: PushProvider[] = [];
  if (webhook)
    providers.push(new WebhookProvider(webhook, new Poster({ timeout, concurrency, anyAddress: true })));
  if (vapid)
    providers.push(
      new WebPushProvider({ ...vapid, anyAddress }, new Poster({ timeout, concurrency, anyAddress })),
    );
  return providers;
}
