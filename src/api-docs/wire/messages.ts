import { z } from 'zod';
import { MessageKind, type ChatMessage } from '@rookery/protocol';
import { anyJson, seq, stored, time, user } from './fields.js';

export const MetaSchema = z
  .record(z.string(), anyJson)
  .describe("What the sender's client adds for others of its kind");

export const ChatMessageSchema = z.object({
  ...stored,
  from: user,
  to: user.optional(),
  kind: z.enum(MessageKind),
  content: anyJson.describe('A string for text, a reference for media, any JSON for custom'),
  replyTo: seq.optional(),
  mentions: z.array(user).optional(),
  mentionAll: z.boolean().optional(),
  meta: MetaSchema.optional(),
  clientId: z.string().optional(),
  forwardedFrom: z.object({ from: user, time }).optional(),
  editedAt: time.optional(),
  recalled: z.literal(true).optional().describe('The content is gone: null'),
  recalledBy: user.optional(),
  recalledAt: time.optional(),
  pinned: z.literal(true).optional(),
  reactions: z
    .array(z.object({ emoji: z.string(), count: z.int().min(1), mine: z.boolean() }))
    .optional()
    .describe('In histories, where there are any'),
}) satisfies z.ZodType<ChatMessage>;
