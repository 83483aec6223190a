import type { Stored } from './messages.js';

export type CallMedia = 'audio' | 'video';

/**
 * `ringing`: the other one is told, now or when he comes; `busy`: he is in another call; `incoming`: he is calling you:
 * answer that call, whose id this is.
 */
export type CallOfferState = 'ringing' | 'busy' | 'incoming';

/** Why a call ended. `lost`: a party was away for longer than it may. */
export type CallEndReason = 'hangup' | 'cancelled' | 'rejected' | 'busy' | 'timeout' | 'lost';

/** `cancelled`: the caller gave up before anybody answered. */
export type CallOutcome = 'answered' | 'missed' | 'rejected' | 'cancelled';

/** `chat.call`: a call that is over, as an entry of the direct conversation. */
export interface CallRecord extends Stored {
  call: string;
  /** Who called. */
  from: string;
  to: string;
  media: CallMedia;
  outcome: CallOutcome;
  /** Seconds from the answer to the end; 0 when nobody answered. */
  duration: number;
}

/** Commands about calls. `payload` is any JSON value (a session description, a candidate): relayed, never looked into. */
export interface CallCommands {
  /** Rings all devices of a user. `expiresAt`: when it stops, milliseconds since the epoch. */
  'call.offer': {
    data: { to: string; media: CallMedia; payload: unknown };
    reply: { call: string; state: CallOfferState; expiresAt: number };
  };
  /** Takes a call on this device; the ringing stops on the others. `conflict`: another device was first. */
  'call.answer': { data: { call: string; payload: unknown }; reply: null };
  /** Whatever the two devices have to tell one another: candidates, new descriptions. */
  'call.candidate': { data: { call: string; payload: unknown }; reply: null };
  /** This device rings; the caller is told so, once. */
  'call.ringing': { data: { call: string }; reply: null };
  /** Declines, for all devices. */
  'call.reject': { data: { call: string; reason?: 'rejected' | 'busy' }; reply: null };
  /** Ends a call, or gives up before it was answered. */
  'call.hangup': { data: { call: string }; reply: null };
  /** After a reconnect: this connection takes the place of the one that was lost. */
  'call.resume': {
    data: { call: string };
    reply: { call: string; peer: string; media: CallMedia; state: 'ringing' | 'active' };
  };
  /** A payload to all devices of a user, outside of any call. */
  'call.signal': { data: { to: string; payload: unknown }; reply: null };
}

/** Events about calls; all but `chat.call` are told to who is there and stored nowhere. */
export interface CallEvents {
  'call.incoming': { call: string; from: string; media: CallMedia; payload: unknown; expiresAt: number };
  'call.ringing': { call: string };
  'call.answered': { call: string; payload: unknown };
  /** Another device of yours has answered: stop ringing. */
  'call.taken': { call: string };
  'call.candidate': { call: string; payload: unknown };
  'call.ended': { call: string; reason: CallEndReason };
  'call.signal': { from: string; payload: unknown };
  'chat.call': CallRecord;
}
