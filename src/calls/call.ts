import type { CallEndReason, CallMedia, CallOutcome } from '@rookery/protocol';

/** A party's place in a call: the user, and the connection that speaks for him. */
export interface Seat {
  readonly user: string;
  /** Undefined: it was lost, or nobody has answered yet. */
  connection?: string;
}

export interface CallDraft {
  id: string;
  caller: { user: string; connection: string };
  callee: string;
  media: CallMedia;
  offer: unknown;
  /** It rings nowhere: the callee does not want to hear of the caller, who shall not know. */
  silent: boolean;
}

/** How one call went. */
export interface CallEnd {
  reason: CallEndReason;
  outcome: CallOutcome;
  /** Milliseconds from the answer to the end. */
  duration: number;
}

/** Times are given from outside: on any clock, in milliseconds. */
export class Call {
  readonly id: string;
  readonly media: CallMedia;
  readonly silent: boolean;
  readonly caller: Seat;
  readonly callee: Seat;
  /** Until it is answered: devices that come while it rings get it too, and after it what the caller said since. */
  offer: unknown;
  early: unknown[] = [];
  private answeredAt?: number;
  private over = false;
  private announced = false;

  constructor({ id, caller, callee, media, offer, silent }: CallDraft) {
    this.id = id;
    this.media = media;
    this.silent = silent;
    this.offer = offer;
    this.caller = { ...caller };
    this.callee = { user: callee };
  }

  get state(): 'ringing' | 'active' | 'ended' {
    if (this.over) return 'ended';
    return this.answeredAt === undefined ? 'ringing' : 'active';
  }

  /** The seat of a user; undefined: he has no part in it, or may not know of it. */
  seatOf(user: string): Seat | undefined {
    if (user === this.caller.user) return this.caller;
    return user === this.callee.user && !this.silent ? this.callee : undefined;
  }

  other(seat: Seat): Seat {
    return seat === this.caller ? this.callee : this.caller;
  }

  /** True for the one connection that was first; nothing of what was kept for the others is needed any more. */
  answer(connection: string, now: number): boolean {
    if (this.state !== 'ringing') return false;
    this.answeredAt = now;
    this.callee.connection = connection;
    this.offer = undefined;
    this.early = [];
    return true;
  }

  /** True the first time. */
  announceRinging(): boolean {
    const first = !this.announced && this.state === 'ringing';
    this.announced ||= first;
    return first;
  }

  /** A connection is gone. True: it spoke for a party. */
  lose(connection: string): boolean {
    const seat = [this.caller, this.callee].find((each) => each.connection === connection);
    if (!seat) return false;
    seat.connection = undefined;
    return true;
  }

  /** Whether a party that has spoken is not there. */
  get isBroken(): boolean {
    const { caller, callee, state } = this;
    return caller.connection === undefined || (state === 'active' && callee.connection === undefined);
  }

  /** Gives a lost seat to another connection of its user; false: it is not free, or was never taken. */
  resume(user: string, connection: string): boolean {
    const seat = this.seatOf(user);
    if (!seat || this.state === 'ended' || (seat === this.callee && this.state === 'ringing')) return false;
    if (seat.connection !== undefined && seat.connection !== connection) return false;
    seat.connection = connection;
    return true;
  }

  /** Once; undefined when it was over already. */
  end(reason: CallEndReason, now: number): CallEnd | undefined {
    if (this.over) return undefined;
    this.over = true;
    if (this.answeredAt === undefined) return { reason, outcome: UNANSWERED[reason], duration: 0 };
    return { reason, outcome: 'answered', duration: Math.max(0, now - this.answeredAt) };
  }
}

const UNANSWERED: Record<CallEndReason, CallOutcome> = {
  hangup: 'cancelled',
  cancelled: 'cancelled',
  lost: 'cancelled',
  rejected: 'rejected',
  busy: 'missed',
  timeout: 'missed',
};
