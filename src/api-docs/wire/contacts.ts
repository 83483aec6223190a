import { z } from 'zod';
import type { Contact, ContactChange, ContactCommands, ContactEvents, ContactState } from '@rookery/protocol';
import { stored, time, user } from './fields.js';

const ContactStateSchema = z.object({
  user,
  status: z.enum(['contact', 'outgoing', 'incoming', 'none']),
  blocked: z.boolean(),
}) satisfies z.ZodType<ContactState>;

const ContactSchema = ContactStateSchema.extend({
  remark: z.string().optional(),
  message: z.string().optional(),
  time,
}) satisfies z.ZodType<Contact>;

export const ContactChangeSchema = ContactStateSchema.extend({
  ...stored,
  change: z.enum(['request', 'accept', 'decline', 'remove', 'link', 'block', 'unblock', 'remark']),
  by: user,
  message: z.string().optional(),
  remark: z.string().optional(),
}) satisfies z.ZodType<ContactChange>;

export const CONTACT_EVENTS = {
  'contact.changed': ContactChangeSchema,
} satisfies { [Name in keyof ContactEvents]: z.ZodType<ContactEvents[Name]> };

export const CONTACT_REPLIES = {
  'contact.request': ContactStateSchema,
  'contact.accept': ContactStateSchema,
  'contact.decline': ContactStateSchema,
  'contact.remove': ContactStateSchema,
  'contact.remark': ContactStateSchema,
  'contact.block': ContactStateSchema,
  'contact.unblock': ContactStateSchema,
  'contact.list': z.object({ contacts: z.array(ContactSchema), next: z.string().nullable() }),
} satisfies { [Name in keyof ContactCommands]: z.ZodType<ContactCommands[Name]['reply']> };
