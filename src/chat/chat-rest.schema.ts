import { z } from 'zod';
import { UserId } from '../common/index.js';
import { ChatSendObject, ONE_TARGET, oneTarget } from './chat.schema.js';

/** `chat.send` over REST, with the user it is sent for. */
export const SendOnBehalf = z
  .discriminatedUnion(
    'kind',
    ChatSendObject.options.map((option) =>
      option.extend({ from: UserId.optional() }),
    ) as unknown as typeof ChatSendObject.options,
  )
  .refine(oneTarget, ONE_TARGET);
export type SendOnBehalf = z.infer<typeof ChatSendObject> & { from?: string };
