import { z } from 'zod';
import type { PushCommands, PushDevice } from '@rookery/protocol';
import { time } from './fields.js';

const PushDeviceSchema = z.object({
  id: z.string(),
  provider: z.string(),
  device: z.string().nullable(),
  time,
}) satisfies z.ZodType<PushDevice>;

export const PUSH_REPLIES = {
  'push.register': z.object({ id: z.string() }),
  'push.unregister': z.null(),
  'push.list': z.object({
    providers: z.array(z.object({ name: z.string(), publicKey: z.string().optional() })),
    devices: z.array(PushDeviceSchema),
  }),
} satisfies { [Name in keyof PushCommands]: z.ZodType<PushCommands[Name]['reply']> };
