import { z } from 'zod';
import type {
  MessageActionCommands,
  MessageActionEvents,
  MessageChange,
  MessageEdited,
  MessagePinned,
  MessageReaction,
  MessagesHidden,
} from '@rookery/protocol';
import { SentSchema, conversation, seq, stored, time, user } from './fields.js';
import { ChatMessageSchema } from './messages.js';

const change = {
  ...stored,
  from: user,
  targetSeq: seq.describe('Sequence number of the message'),
  clientId: z.string().optional(),
};
const active = z.boolean();

const EditedSchema = z.object({
  ...change,
  content: z.string().optional().describe('Absent when a later edit or the recall has taken it away'),
}) satisfies z.ZodType<MessageEdited>;
const RecalledSchema = z.object(change) satisfies z.ZodType<MessageChange>;
const ReactionSchema = z.object({
  ...change,
  emoji: z.string(),
  active,
}) satisfies z.ZodType<MessageReaction>;
const PinnedSchema = z.object({ ...change, active }) satisfies z.ZodType<MessagePinned>;
const HiddenSchema = z.object({
  ...stored,
  messages: z.object({ conversation, seqs: z.array(seq) }),
  clientId: z.string().optional(),
}) satisfies z.ZodType<MessagesHidden>;

export const MESSAGE_ACTION_EVENTS = {
  'chat.edited': EditedSchema,
  'chat.recalled': RecalledSchema,
  'chat.reaction': ReactionSchema,
  'chat.pinned': PinnedSchema,
  'chat.hidden': HiddenSchema,
} satisfies { [Name in keyof MessageActionEvents]: z.ZodType<MessageActionEvents[Name]> };

/** The same in a history. */
export const MESSAGE_ACTION_ENTRIES = [
  EditedSchema.extend({ event: z.literal('chat.edited') }),
  RecalledSchema.extend({ event: z.literal('chat.recalled') }),
  ReactionSchema.extend({ event: z.literal('chat.reaction') }),
  PinnedSchema.extend({ event: z.literal('chat.pinned') }),
  HiddenSchema.extend({ event: z.literal('chat.hidden') }),
] as const;

export const MESSAGE_ACTION_REPLIES = {
  'chat.edit': SentSchema,
  'chat.recall': SentSchema,
  'chat.react': SentSchema,
  'chat.pin': SentSchema,
  'chat.pins': z.object({
    conversation,
    pins: z.array(z.object({ message: ChatMessageSchema, by: user, time })),
    more: z.boolean(),
  }),
  'chat.hide': SentSchema,
  'chat.forward': SentSchema,
} satisfies { [Name in keyof MessageActionCommands]: z.ZodType<MessageActionCommands[Name]['reply']> };
