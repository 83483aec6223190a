import { z } from 'zod';
import type { Commands } from '@rookery/protocol';
import { UserId } from '../common/index.js';

export const MAX_STATUS_LENGTH = 128;
/** Users in one question. */
export const MAX_ASKED = 200;

const users = z.array(UserId).min(1).max(MAX_ASKED);
const group = z.string().min(1).max(255).describe('Conversation id');
const circle = z.enum(['everybody', 'contacts', 'nobody']);

/** No control characters and no lone surrogates: it is shown beside a name. */
const StatusText = z
  .string()
  .min(1)
  .max(MAX_STATUS_LENGTH)
  .refine((text) => !/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(text), 'One line');

const Status = z.strictObject({
  text: StatusText,
  expiresAt: z.int().min(0).optional().describe('Milliseconds since the epoch, in the future'),
});

export const PresenceSet = z.strictObject({
  state: z.enum(['online', 'busy', 'away', 'invisible']).optional(),
  status: Status.nullable().optional(),
  device: z.boolean().default(false).describe('true: for this connection only, as long as it lives'),
});
export type PresenceSet = z.infer<typeof PresenceSet>;

export const PresenceGet = z.strictObject({ users: users.optional() }) satisfies z.ZodType<
  Commands['presence.get']['data']
>;
export type PresenceGet = z.infer<typeof PresenceGet>;

export const PresenceSubscribe = z.strictObject({ users }) satisfies z.ZodType<
  Commands['presence.subscribe']['data']
>;
export type PresenceSubscribe = z.infer<typeof PresenceSubscribe>;

export const PresenceUnsubscribe = PresenceGet;
export type PresenceUnsubscribe = PresenceGet;

export const PresenceWatch = z.strictObject({ group }) satisfies z.ZodType<
  Commands['presence.watch']['data']
>;
export type PresenceWatch = z.infer<typeof PresenceWatch>;

export const PresencePrivacyChange = z.strictObject({
  online: circle.optional(),
  lastSeen: circle.optional(),
}) satisfies z.ZodType<Commands['presence.privacy']['data']>;
export type PresencePrivacyChange = z.infer<typeof PresencePrivacyChange>;

export const PresenceQuery = PresenceSubscribe;
export type PresenceQuery = PresenceSubscribe;
