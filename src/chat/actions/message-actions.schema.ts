import { z } from 'zod';
import { ClientId, UserId } from '../../common/index.js';
import { ConversationId, limit, numeric, ONE_TARGET, oneTarget, Seq, target } from '../chat.schema.js';

/** Emojis may be sequences, with joiners and tags. */
const MAX_EMOJI_LENGTH = 32;
const MAX_HIDDEN_AT_ONCE = 100;

const address = { ...target, seq: Seq, clientId: ClientId.optional() };
const active = z.boolean().default(true);
const content = z.string().min(1);

/** An emoji or a short name: no white space, and nothing invisible but what emojis are made of. */
const Emoji = z
  .string()
  .min(1)
  .max(MAX_EMOJI_LENGTH)
  .regex(/^(?:[^\s\p{C}]|\p{Emoji_Component})+$/u, 'An emoji or a short name');

export const ChatEdit = z.strictObject({ ...address, content }).refine(oneTarget, ONE_TARGET);
export type ChatEdit = z.infer<typeof ChatEdit>;

export const ChatRecall = z.strictObject(address).refine(oneTarget, ONE_TARGET);
export type ChatRecall = z.infer<typeof ChatRecall>;

export const ChatReact = z.strictObject({ ...address, emoji: Emoji, active }).refine(oneTarget, ONE_TARGET);
export type ChatReact = z.infer<typeof ChatReact>;

export const ChatPin = z.strictObject({ ...address, active }).refine(oneTarget, ONE_TARGET);
export type ChatPin = z.infer<typeof ChatPin>;

export const ChatPins = z
  .strictObject({ ...target, before: Seq.optional(), limit })
  .refine(oneTarget, ONE_TARGET);
export type ChatPins = z.infer<typeof ChatPins>;

export const ChatHide = z
  .strictObject({
    ...target,
    seqs: z.array(Seq).min(1).max(MAX_HIDDEN_AT_ONCE),
    clientId: ClientId.optional(),
  })
  .refine(oneTarget, ONE_TARGET);
export type ChatHide = z.infer<typeof ChatHide>;

export const ChatForward = z
  .strictObject({
    ...target,
    from: z.strictObject({ conversation: ConversationId, seq: Seq }),
    clientId: ClientId.optional(),
  })
  .refine(oneTarget, ONE_TARGET);
export type ChatForward = z.infer<typeof ChatForward>;

const behalf = { from: UserId.optional().describe('For whom; of others, for administrators only') };

/** Parts of paths, bodies and query strings of the REST counterparts. */
export const MessagePath = z.strictObject({ conversation: ConversationId, seq: numeric.pipe(Seq) });
export type MessagePath = z.infer<typeof MessagePath>;

export const ReactionPath = MessagePath.extend({ emoji: Emoji });
export type ReactionPath = z.infer<typeof ReactionPath>;

export const EditBody = z.strictObject({ content, clientId: ClientId.optional(), ...behalf });
export type EditBody = z.infer<typeof EditBody>;

export const Behalf = z.strictObject(behalf);
export type Behalf = z.infer<typeof Behalf>;

export const PinsQuery = z.strictObject({
  before: numeric.pipe(Seq).optional(),
  limit: numeric.pipe(z.int().min(1).max(200)).default(50),
});
export type PinsQuery = z.infer<typeof PinsQuery>;
