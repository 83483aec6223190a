import { z } from 'zod';
import type { Commands } from '@rookery/protocol';

export const PushRegister = z.strictObject({
  provider: z.string().regex(/^[a-z]{1,32}$/, 'The name of a provider'),
  token: z
    .union([z.string().min(1).max(4096), z.record(z.string().max(64), z.json())])
    .describe('As the provider wants it: a text, or the PushSubscription of a browser'),
  device: z
    .string()
    .regex(/^[\w.:@-]{1,64}$/, 'As in the handshake')
    .optional(),
}) satisfies z.ZodType<Commands['push.register']['data']>;
export type PushRegister = z.infer<typeof PushRegister>;

export const PushUnregister = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{64}$/, 'The id that push.register gave'),
}) satisfies z.ZodType<Commands['push.unregister']['data']>;
export type PushUnregister = z.infer<typeof PushUnregister>;

export const DeadLetterQuery = z.strictObject({
  cursor: z.string().min(1).max(36).optional(),
  limit: z
    .string()
    .regex(/^\d{1,3}$/)
    .transform(Number)
    .pipe(z.int().min(1).max(200))
    .default(50),
});
export type DeadLetterQuery = z.infer<typeof DeadLetterQuery>;
