import { z } from 'zod';
import type { CallCommands, CallEvents, CallRecord } from '@rookery/protocol';
import { anyJson, stored, time, user } from './fields.js';

const call = z.string().describe('Call id');
const media = z.enum(['audio', 'video']);
const payload = anyJson.describe('As the other device gave it');

export const CallRecordSchema = z.object({
  ...stored,
  call,
  from: user,
  to: user,
  media,
  outcome: z.enum(['answered', 'missed', 'rejected', 'cancelled']),
  duration: z.int().min(0).describe('Seconds'),
}) satisfies z.ZodType<CallRecord>;

export const CALL_EVENTS = {
  'call.incoming': z.object({ call, from: user, media, payload, expiresAt: time }),
  'call.ringing': z.object({ call }),
  'call.answered': z.object({ call, payload }),
  'call.taken': z.object({ call }),
  'call.candidate': z.object({ call, payload }),
  'call.ended': z.object({
    call,
    reason: z.enum(['hangup', 'cancelled', 'rejected', 'busy', 'timeout', 'lost']),
  }),
  'call.signal': z.object({ from: user, payload }),
  'chat.call': CallRecordSchema,
} satisfies { [Name in keyof CallEvents]: z.ZodType<CallEvents[Name]> };

export const CALL_REPLIES = {
  'call.offer': z.object({ call, state: z.enum(['ringing', 'busy', 'incoming']), expiresAt: time }),
  'call.answer': z.null(),
  'call.candidate': z.null(),
  'call.ringing': z.null(),
  'call.reject': z.null(),
  'call.hangup': z.null(),
  'call.resume': z.object({ call, peer: user, media, state: z.enum(['ringing', 'active']) }),
  'call.signal': z.null(),
} satisfies { [Name in keyof CallCommands]: z.ZodType<CallCommands[Name]['reply']> };
