import { z } from 'zod';
import { NotificationPriority, type Commands } from '@rookery/protocol';
import { ClientId, UserId } from '../common/index.js';
import { Audience } from './audience.js';

/** Free name of what is told, chosen by the publisher: `order_status`, `maintenance`, … */
export const NotificationType = z.string().regex(/^[\w.:-]{1,64}$/, 'Letters, digits and _ . : - only');

/** What a notification says; comes out as it went in. */
export const NotificationContent = z.json();

/** Milliseconds since the epoch. */
export const Time = z.int().min(0).describe('Milliseconds since the epoch');

export const TemplateName = z.string().regex(/^[\w.-]{1,64}$/, 'Letters, digits and _ . - only');

/** What a notification says, and how. */
export const said = {
  type: NotificationType,
  content: NotificationContent.optional().describe('Either this or `template`'),
  template: z
    .strictObject({ name: TemplateName, data: z.record(z.string(), z.json()).optional() })
    .optional(),
  priority: z.enum(NotificationPriority).optional(),
  expiresAt: Time.optional(),
};

const keyed = { ...said, clientId: ClientId.optional() };

export const hasWords = ({ content, template }: { content?: unknown; template?: unknown }): boolean =>
  (content === undefined) !== (template === undefined);
export const WORDS = { message: 'Give either content or template', path: ['content'] };

export const NotificationBroadcast = z
  .strictObject({ ...keyed, audience: Audience.optional() })
  .refine(hasWords, WORDS) satisfies z.ZodType<Commands['notification.broadcast']['data']>;
export type NotificationBroadcast = z.infer<typeof NotificationBroadcast>;

export const NotificationSend = z
  .strictObject({ ...keyed, to: UserId })
  .refine(hasWords, WORDS) satisfies z.ZodType<Commands['notification.send']['data']>;
export type NotificationSend = z.infer<typeof NotificationSend>;

export const NotificationSchedule = z
  .strictObject({
    ...keyed,
    to: UserId.optional().describe('One user, into his inbox; else `audience`'),
    audience: Audience.optional(),
    at: Time,
  })
  .refine(({ to, audience }) => to === undefined || audience === undefined, {
    message: 'Give either to or audience',
    path: ['to'],
  })
  .refine(hasWords, WORDS) satisfies z.ZodType<Commands['notification.schedule']['data']>;
export type NotificationSchedule = z.infer<typeof NotificationSchedule>;

export const NotificationCancel = z.strictObject({ id: z.uuid() }) satisfies z.ZodType<
  Commands['notification.cancel']['data']
>;
export type NotificationCancel = z.infer<typeof NotificationCancel>;

const MAX_NAMED = 100;

export const NotificationNames = z
  .strictObject({
    ids: z.array(z.string().min(1).max(300)).min(1).max(MAX_NAMED).optional(),
    seqs: z.array(z.int().min(1)).min(1).max(MAX_NAMED).optional(),
  })
  .refine(({ ids, seqs }) => (ids === undefined) !== (seqs === undefined), {
    message: 'Give either ids or seqs',
    path: ['ids'],
  }) satisfies z.ZodType<Commands['notification.read']['data']>;
export type NotificationNames = z.infer<typeof NotificationNames>;

const MAX_PAGE = 200;
const Cursor = z.string().min(1).max(1024).describe('The next of the page before');

export const NotificationList = z.strictObject({
  cursor: Cursor.optional(),
  limit: z.int().min(1).max(MAX_PAGE).default(50),
  unread: z.boolean().default(false).describe('Only those that are unread'),
});
export type NotificationList = z.infer<typeof NotificationList>;

/** Of a query string. */
export const PageLimit = z
  .string()
  .regex(/^\d{1,3}$/)
  .transform(Number)
  .pipe(z.int().min(1).max(MAX_PAGE))
  .default(50);

/** The same as a query string. */
export const NotificationListQuery = z.strictObject({
  cursor: Cursor.optional(),
  limit: PageLimit,
  unread: z
    .enum(['true', 'false'])
    .default('false')
    .transform((value) => value === 'true'),
});

/** BCP 47; in lower case from here on. */
export const Locale = z
  .string()
  .max(35)
  .regex(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/, 'A BCP 47 language tag')
  .transform((tag) => tag.toLowerCase());

export const NotificationLocale = z.strictObject({ locale: Locale.nullable() });
export type NotificationLocale = z.infer<typeof NotificationLocale>;

/** The body of a call that needs none. */
export const Nothing = z.strictObject({});
export type Nothing = z.infer<typeof Nothing>;
