import { z } from 'zod';
import type { Commands } from '@rookery/protocol';
import { UserId } from '../common/index.js';

const MAX_MESSAGE_LENGTH = 200;
const MAX_REMARK_LENGTH = 64;
const LIST_LIMIT = 200;

const Message = z
  .string()
  .max(MAX_MESSAGE_LENGTH)
  .regex(/^[^\p{Cs}\0]*$/u, 'Not a text')
  .describe('Shown with the request');
const Remark = z
  .string()
  .max(MAX_REMARK_LENGTH)
  .refine((text) => !/[\p{Cc}\p{Cs}]/u.test(text), 'No control characters')
  .describe('Own name for the other; empty takes it away');
const View = z.enum(['contacts', 'incoming', 'outgoing', 'blocked']).default('contacts');
const Cursor = z.string().min(1).max(1024).describe('The next of the page before');

export const ContactRequest = z.strictObject({ to: UserId, message: Message.optional() }) satisfies z.ZodType<
  Commands['contact.request']['data']
>;
export type ContactRequest = z.infer<typeof ContactRequest>;

export const ContactOther = z.strictObject({ user: UserId }) satisfies z.ZodType<
  Commands['contact.block']['data']
>;
export type ContactOther = z.infer<typeof ContactOther>;

export const ContactRemark = z.strictObject({ user: UserId, remark: Remark }) satisfies z.ZodType<
  Commands['contact.remark']['data']
>;
export type ContactRemark = z.infer<typeof ContactRemark>;

export const ContactList = z.strictObject({
  view: View,
  cursor: Cursor.optional(),
  limit: z.int().min(1).max(LIST_LIMIT).default(50),
});
export type ContactList = z.infer<typeof ContactList>;

const onBehalf = {
  user: UserId.optional().describe('Whose contacts, for administrators; default: the caller'),
};

/** Query of every REST call that changes something. */
export const OnBehalfQuery = z.strictObject(onBehalf);
export type OnBehalfQuery = z.infer<typeof OnBehalfQuery>;

export const ListQuery = z.strictObject({
  ...onBehalf,
  view: View,
  cursor: Cursor.optional(),
  limit: z
    .string()
    .regex(/^\d{1,6}$/)
    .transform(Number)
    .pipe(z.int().min(1).max(LIST_LIMIT))
    .default(50),
});
export type ListQuery = z.infer<typeof ListQuery>;

export const RequestBody = z.strictObject({ message: Message.optional() });
export type RequestBody = z.infer<typeof RequestBody>;

export const RemarkBody = z.strictObject({ remark: Remark });
export type RemarkBody = z.infer<typeof RemarkBody>;

/** The other one, in the path. */
export const OtherParams = z.strictObject({ other: UserId });
export type OtherParams = z.infer<typeof OtherParams>;

export const ActionParams = OtherParams.extend({ action: z.enum(['accept', 'decline', 'block', 'unblock']) });
export type ActionParams = z.infer<typeof ActionParams>;
