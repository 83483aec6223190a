import { randomUUID } from 'node:crypto';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { ErrorCode, type CallEndReason, type CallMedia, type Commands } from '@rookery/protocol';
import { AppError, EventBus, invalidField } from '../common/index.js';
import { AppConfig } from '../config/index.js';
import { ContactDirectory, ReachPolicy, RelationChanged } from '../contacts/index.js';
import { ConnectionClosed, ConnectionOpened, HubEvent, HubService, type Connection } from '../hub/index.js';
import { Metrics } from '../metrics/index.js';
import { CallLog } from './call-log.js';
import { CallTable, MAX_CALLS, MAX_CALL_BYTES, type CallRow } from './call-table.js';
import { Call, type Seat } from './call.js';

type Caller = Pick<Connection, 'id' | 'userId'>;

/**
 * Brings the signals of calls from device to device: who rings, who was first to answer, when it is over. The media
 * flow elsewhere. Everything here lives in memory on one node and is decided in one turn of the event loop, so that of
 * two devices that answer at once exactly one is first; what is kept is the entry that tells how the call went.
 */
@Injectable()
export class CallService implements OnModuleInit, OnModuleDestroy {
  private readonly table = new CallTable();

  constructor(
    private readonly hub: HubService,
    private readonly log: CallLog,
    private readonly reach: ReachPolicy,
    private readonly contacts: ContactDirectory,
    private readonly bus: EventBus,
    private readonly config: AppConfig,
    private readonly metrics: Metrics,
  ) {}

  onModuleInit(): void {
    const { bounds } = this.metrics;
    bounds.add('calls', { limit: MAX_CALLS, used: () => this.table.size });
    bounds.add('call_bytes', { limit: MAX_CALL_BYTES, used: () => this.table.bytes });
    this.bus.on(ConnectionOpened, ({ connection }) => this.connected(connection));
    this.bus.on(ConnectionClosed, ({ connection }) => this.disconnected(connection));
    this.bus.on(RelationChanged, ({ user, other }) => this.blockedPerhaps(user, other));
  }

  /** The node goes: whoever talks may go on talking, but nobody here will know how it ends. */
  onModuleDestroy(): void {
    for (const row of this.table.all()) this.end(row, 'lost');
  }

  /** Rejects with `refused` (the caller has blocked him), `conflict` (the caller is in a call) or `overloaded`. */
  async offer(
    caller: Caller,
    { to, media, payload }: { to: string; media: CallMedia; payload: unknown },
  ): Promise<Commands['call.offer']['reply']> {
    const from = caller.userId;
    if (to === from) throw invalidField('to', 'Somebody else');
    if (await this.contacts.hasBlocked(from, to))
      throw new AppError(ErrorCode.Refused, { message: 'You have blocked this user' });
    const silent = !(await this.reach.mayReach(from, to));
    const own = this.table.of(from);
    if (own) return this.again(own, caller, to);
    const offered = {
      id: randomUUID(),
      caller: { user: from, connection: caller.id },
      callee: to,
      media,
      offer: payload,
      silent,
    };
    const expiresAt = Date.now() + this.config.calls.ringTimeout;
    if (!silent && this.table.of(to)) return this.busy(new Call(offered), expiresAt);
    this.ring(this.table.add(new Call(offered), expiresAt));
    return { call: offered.id, state: 'ringing', expiresAt };
  }

  answer({ id, userId }: Caller, callId: string, payload: unknown): null {
    const { row, seat } = this.part(callId, userId);
    const { call } = row;
    if (seat !== call.callee) throw new AppError(ErrorCode.NotFound);
    if (!call.answer(id, Date.now())) return this.answeredBy(seat, id);
    clearTimeout(row.ring);
    this.table.release(row);
    this.tell(call.caller, 'call.answered', { call: call.id, payload });
    this.hub.sendToUser(userId, 'call.taken', { call: call.id }, { except: id });
    return null;
  }

  /** To the other device; while it rings, to all devices of the callee, and to those that come. */
  candidate({ id, userId }: Caller, callId: string, payload: unknown): null {
    const { row, seat } = this.part(callId, userId);
    const { call } = row;
    if (seat.connection !== id)
      throw new AppError(ErrorCode.Conflict, { message: 'Another device has this call' });
    const data = { call: call.id, payload };
    if (call.state === 'active') this.tell(call.other(seat), 'call.candidate', data);
    else if (!call.silent) {
      this.table.keep(row, payload);
      this.hub.sendToUser(call.callee.user, 'call.candidate', data);
    }
    return null;
  }

  ringing({ userId }: Caller, callId: string): null {
    const { row, seat } = this.part(callId, userId);
    const { call } = row;
    if (seat === call.callee && call.announceRinging())
      this.tell(call.caller, 'call.ringing', { call: call.id });
    return null;
  }

  reject({ id, userId }: Caller, callId: string, reason: 'rejected' | 'busy'): null {
    const { row, seat } = this.part(callId, userId);
    if (seat !== row.call.callee || row.call.state !== 'ringing') throw new AppError(ErrorCode.NotFound);
    this.end(row, reason === 'busy' ? 'busy' : 'rejected', id);
    return null;
  }

  /** By any device of the two; before the answer it is the caller's giving up, or the callee's refusal. */
  hangup({ id, userId }: Caller, callId: string): null {
    const { row, seat } = this.part(callId, userId);
    const before = seat === row.call.caller ? 'cancelled' : 'rejected';
    this.end(row, row.call.state === 'ringing' ? before : 'hangup', id);
    return null;
  }

  /** `conflict`: the place is not free. */
  resume({ id, userId }: Caller, callId: string): Commands['call.resume']['reply'] {
    const { row, seat } = this.part(callId, userId);
    const { call } = row;
    if (!call.resume(userId, id))
      throw new AppError(ErrorCode.Conflict, { message: 'Another device has this call' });
    if (!call.isBroken) clearTimeout(row.lost);
    const state = call.state === 'active' ? 'active' : 'ringing';
    return { call: call.id, peer: call.other(seat).user, media: call.media, state };
  }

  /** To all devices of a user, outside of any call; who may not reach him is not told so. */
  async signal(from: string, to: string, payload: unknown): Promise<null> {
    if (await this.reach.mayReach(from, to)) this.hub.sendToUser(to, 'call.signal', { from, payload });
    return null;
  }

  /** Of both who call each other the one who was later has the other's call to answer. */
  private again({ call, expiresAt }: CallRow, caller: Caller, to: string): Commands['call.offer']['reply'] {
    const ringing = call.state === 'ringing';
    if (ringing && call.caller.user === to) return { call: call.id, state: 'incoming', expiresAt };
    const repeated = call.callee.user === to && call.caller.connection === caller.id;
    if (ringing && repeated) return { call: call.id, state: 'ringing', expiresAt };
    throw new AppError(ErrorCode.Conflict, { message: 'You are in a call' });
  }

  private busy(call: Call, expiresAt: number): Commands['call.offer']['reply'] {
    this.record(call, 'busy');
    return { call: call.id, state: 'busy', expiresAt };
  }

  private ring(row: CallRow): void {
    const { call } = row;
    row.ring = setTimeout(() => this.end(row, 'timeout'), this.config.calls.ringTimeout);
    row.ring.unref();
    if (!call.silent) this.hub.sendToUser(call.callee.user, 'call.incoming', incoming(row));
  }

  private answeredBy(seat: Seat, connection: string): null {
    if (seat.connection === connection) return null;
    throw new AppError(ErrorCode.Conflict, { message: 'Another device has this call' });
  }

  /** A call is unknown to whoever has no part in it. */
  private part(callId: string, user: string): { row: CallRow; seat: Seat } {
    const row = this.table.get(callId);
    const seat = row?.call.seatOf(user);
    if (!row || !seat) throw new AppError(ErrorCode.NotFound);
    return { row, seat };
  }

  private end(row: CallRow, reason: CallEndReason, by?: string): void {
    const { call } = row;
    const rang = call.state === 'ringing';
    this.table.delete(row);
    if (!this.record(call, reason)) return;
    const data = { call: call.id, reason };
    if (call.caller.connection !== by) this.tell(call.caller, 'call.ended', data);
    if (call.silent) return;
    if (rang) this.hub.sendToUser(call.callee.user, 'call.ended', data, { except: by });
    else if (call.callee.connection !== by) this.tell(call.callee, 'call.ended', data);
  }

  /** False: it was over already. */
  private record(call: Call, reason: CallEndReason): boolean {
    const end = call.end(reason, Date.now());
    if (!end) return false;
    this.metrics.calls.inc({ outcome: end.outcome });
    if (!call.silent) void this.log.write(call, end);
    return true;
  }

  private tell({ user, connection }: Seat, type: string, data: unknown): void {
    const device = this.hub.connectionsOf(user).find(({ id }) => id === connection);
    device?.sendEphemeral(new HubEvent(type, data));
  }

  /** Rings for a device that comes late, after its hello, which is written in this turn. */
  private async connected(connection: Connection): Promise<void> {
    const row = this.table.of(connection.userId);
    if (!row || row.call.callee.user !== connection.userId) return;
    await Promise.resolve();
    if (row.call.state !== 'ringing') return;
    connection.sendEphemeral(new HubEvent('call.incoming', incoming(row)));
    for (const payload of row.call.early)
      connection.sendEphemeral(new HubEvent('call.candidate', { call: row.call.id, payload }));
  }

  private disconnected({ id, userId }: Connection): void {
    const row = this.table.of(userId);
    if (!row?.call.lose(id)) return;
    clearTimeout(row.lost);
    row.lost = setTimeout(() => this.end(row, 'lost'), this.config.calls.reconnectGrace);
    row.lost.unref();
  }

  private async blockedPerhaps(user: string, other: string): Promise<void> {
    const row = this.table.of(user);
    if (!row?.call.seatOf(other)) return;
    const blocked =
      (await this.contacts.hasBlocked(user, other)) || (await this.contacts.hasBlocked(other, user));
    if (blocked) this.end(row, row.call.state === 'ringing' ? 'cancelled' : 'hangup');
  }
}

function incoming({ call, expiresAt }: CallRow): object {
  const { id, media, offer, caller } = call;
  return { call: id, from: caller.user, media, payload: offer, expiresAt };
}
