import { z } from 'zod';
import { MessageKind, type Commands, type MediaContent, type MessageMeta } from '@rookery/protocol';
import { ClientId, UserId } from '../common/index.js';
import { MAX_CONVERSATION_ID_LENGTH } from '../journal/index.js';

/** Sequence numbers stay exact in JSON. */
export const Seq = z.int().min(1);
const Count = z.int().min(0);
const MAX_MENTIONS = 100;

export const ConversationId = z.string().min(1).max(MAX_CONVERSATION_ID_LENGTH);

/** To a browser a backslash is a slash: `/\evil.example` is another host. */
const MediaUrl = z
  .string()
  .max(2048)
  .regex(/^(https?:\/\/|\/(?!\/))[^\s\\]+$/, 'An http(s) URL or a path on this server');

export const Media = z.strictObject({
  url: MediaUrl,
  name: z.string().max(255).optional(),
  mime: z.string().max(127).optional(),
  size: Count.optional(),
  width: Count.optional(),
  height: Count.optional(),
  duration: Count.optional(),
}) satisfies z.ZodType<MediaContent>;

const MAX_META_FIELDS = 32;
const MAX_META_NAME = 64;
const MAX_META_BYTES = 4096;

const isSmall = (meta: object): boolean =>
  mostBytesOf(meta) <= MAX_META_BYTES || Buffer.byteLength(JSON.stringify(meta)) <= MAX_META_BYTES;

/** JSON takes no more than this for plain fields, and most are short: what is certainly small need not be written out. */
function mostBytesOf(meta: object): number {
  let most = 2;
  for (const [name, value] of Object.entries(meta)) {
    if (typeof value !== 'string' && typeof value !== 'number') return Infinity;
    // A character takes six bytes at most, `\u0000`; a number 25 characters.
    most += 6 * (name.length + (typeof value === 'string' ? value.length : 5)) + 6;
  }
  return most;
}

const isNamed = (name: string): boolean => name.length > 0 && name.length <= MAX_META_NAME;

function metaFault(meta: unknown): string | undefined {
  if (typeof meta !== 'object' || meta === null || Array.isArray(meta)) return 'An object';
  const names = Object.keys(meta);
  if (names.length > MAX_META_FIELDS) return `At most ${MAX_META_FIELDS} fields`;
  if (!names.every(isNamed)) return `Names of 1 to ${MAX_META_NAME} characters`;
  return isSmall(meta) ? undefined : `At most ${MAX_META_BYTES} bytes`;
}

/** Small: it is stored and delivered with every message that has it. `z.record` takes 4 µs for four fields. */
const Meta = z
  .unknown()
  .superRefine((meta, context) => {
    const fault = metaFault(meta);
    if (fault !== undefined) context.addIssue(fault);
  })
  .meta({
    type: 'object',
    maxProperties: MAX_META_FIELDS,
    propertyNames: { type: 'string', minLength: 1, maxLength: MAX_META_NAME },
    additionalProperties: true,
  }) as unknown as z.ZodType<MessageMeta>;

export const target = {
  to: UserId.optional(),
  conversation: ConversationId.optional(),
};
const draft = {
  replyTo: Seq.optional().describe(
    'Sequence number of the message this one answers, in the same conversation',
  ),
  mentions: z.array(UserId).max(MAX_MENTIONS).optional(),
  mentionAll: z.boolean().optional().describe('Names everybody; in groups only'),
  meta: Meta.optional().describe("What the sender's client adds for others of its kind"),
  clientId: ClientId.optional(),
};

/** Exactly one of `to` and `conversation`. */
export function oneTarget(value: { to?: string; conversation?: string }): boolean {
  return (value.to === undefined) !== (value.conversation === undefined);
}
export const ONE_TARGET = { message: 'Give either to or conversation', path: ['to'] };

const messageOf = <Kind extends z.ZodType, Content extends z.ZodType>(kind: Kind, content: Content) =>
  z.strictObject({ ...target, ...draft, kind, content });

export const ChatSendObject = z.discriminatedUnion('kind', [
  messageOf(z.literal(MessageKind.Text), z.string().min(1)),
  messageOf(z.literal(MessageKind.Image), Media),
  messageOf(z.literal(MessageKind.File), Media),
  messageOf(z.literal(MessageKind.Voice), Media),
  messageOf(z.literal(MessageKind.Custom), z.json()),
]);

export const ChatSend = ChatSendObject.refine(oneTarget, ONE_TARGET);
export type ChatSend = z.infer<typeof ChatSendObject>;

export const ChatBroadcast = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal(MessageKind.Text),
    content: z.string().min(1),
    meta: Meta.optional(),
  }),
  z.strictObject({ kind: z.literal(MessageKind.Custom), content: z.json(), meta: Meta.optional() }),
]);
export type ChatBroadcast = z.infer<typeof ChatBroadcast>;

export const ChatMark = z.strictObject({ conversation: ConversationId, seq: Seq }) satisfies z.ZodType<
  Commands['chat.read']['data']
>;
export type ChatMark = z.infer<typeof ChatMark>;

const HISTORY_LIMIT = 200;
export const limit = z.int().min(1).max(HISTORY_LIMIT).default(50);

export const ChatHistory = z
  .strictObject({ ...target, before: Seq.optional(), after: Count.optional(), limit })
  .refine(oneTarget, ONE_TARGET)
  .refine((value) => value.before === undefined || value.after === undefined, {
    message: 'Not together with after',
    path: ['before'],
  });
export type ChatHistory = z.infer<typeof ChatHistory>;

const Cursor = z.string().min(1).max(1024).describe('The next of the page before');

export const ChatSync = z.strictObject({ cursor: Cursor.optional(), limit });
export type ChatSync = z.infer<typeof ChatSync>;

export const ChatUnread = z.strictObject({});

export const ChatMentions = z.strictObject({ cursor: Cursor.optional(), limit });
export type ChatMentions = z.infer<typeof ChatMentions>;

/** The last millisecond that a date can have. */
const END_OF_DATES = 8.64e15;

export const ChatSettings = z.strictObject({
  conversation: ConversationId,
  mutedUntil: z.int().min(0).max(END_OF_DATES).nullable().optional().describe('Milliseconds since the epoch'),
  pinned: z.boolean().optional(),
  archived: z.boolean().optional(),
});
export type ChatSettings = z.infer<typeof ChatSettings>;

export const ChatReaders = ChatMark.extend({ cursor: Cursor.optional(), limit });
export type ChatReaders = z.infer<typeof ChatReaders>;

export const ChatTyping = z
  .strictObject({ ...target, active: z.boolean().default(true) })
  .refine(oneTarget, ONE_TARGET);
export type ChatTyping = z.infer<typeof ChatTyping>;

export const numeric = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);

/** Query strings of the REST counterparts. */
export const HistoryQuery = z
  .strictObject({
    before: numeric.pipe(Seq).optional(),
    after: numeric.optional(),
    limit: numeric.pipe(z.int().min(1).max(HISTORY_LIMIT)).default(50),
  })
  .refine((value) => value.before === undefined || value.after === undefined, {
    message: 'Not together with after',
    path: ['before'],
  });
export type HistoryQuery = z.infer<typeof HistoryQuery>;

export const PageQuery = z.strictObject({
  cursor: Cursor.optional(),
  limit: numeric.pipe(z.int().min(1).max(HISTORY_LIMIT)).default(50),
});
export type PageQuery = z.infer<typeof PageQuery>;
