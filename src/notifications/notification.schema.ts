import { z } from 'zod';
import type { Commands } from '@rookery/protocol';
import { ClientId, UserId } from '../common/index.js';

/** Free name of what is told, chosen by the publisher: `order_status`, `maintenance`, … */
export const NotificationType = z.string().regex(/^[\w.:-]{1,64}$/, 'Letters, digits and _ . : - only');

/** What a notification says; comes out as it went in. */
export const NotificationContent = z.json();

export const NotificationBroadcast = z.strictObject({
  type: NotificationType,
  content: NotificationContent,
  clientId: ClientId.optional(),
}) satisfies z.ZodType<Commands['notification.broadcast']['data']>;
export type NotificationBroadcast = z.infer<typeof NotificationBroadcast>;

export const NotificationSend = NotificationBroadcast.extend({ to: UserId }) satisfies z.ZodType<
  Commands['notification.send']['data']
>;
export type NotificationSend = z.infer<typeof NotificationSend>;
