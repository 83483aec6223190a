import { z } from 'zod';
import type { Commands } from '@rookery/protocol';
import { UserId } from '../common/index.js';

const CallId = z.string().min(1).max(64).describe('Id of a call, as the server gave it out');
const Payload = z.json().describe('Relayed to the other device as it is');

export const CallOffer = z.strictObject({
  to: UserId,
  media: z.enum(['audio', 'video']),
  payload: Payload,
}) satisfies z.ZodType<Commands['call.offer']['data']>;
export type CallOffer = z.infer<typeof CallOffer>;

export const CallPayload = z.strictObject({ call: CallId, payload: Payload }) satisfies z.ZodType<
  Commands['call.answer']['data']
>;
export type CallPayload = z.infer<typeof CallPayload>;

export const CallRef = z.strictObject({ call: CallId }) satisfies z.ZodType<Commands['call.hangup']['data']>;
export type CallRef = z.infer<typeof CallRef>;

export const CallReject = z.strictObject({
  call: CallId,
  reason: z.enum(['rejected', 'busy']).default('rejected'),
});
export type CallReject = z.infer<typeof CallReject>;

export const CallSignal = z.strictObject({ to: UserId, payload: Payload }) satisfies z.ZodType<
  Commands['call.signal']['data']
>;
export type CallSignal = z.infer<typeof CallSignal>;
