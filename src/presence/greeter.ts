import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import type { Connection } from '../hub/index.js';
import { Announcer, USERS_PER_FRAME } from './announcer.js';
import { Relations } from './relations.js';
import { presenceOf } from './standing.js';

/** Milliseconds until what could not be sent is tried again. */
const RETRY = 1_000;
/** Snapshots that are made at the same time. */
const AT_ONCE = 32;
/** Milliseconds in which those who come gather, so that many do not cost a question each. */
const GATHER = 50;

/** Shows a connection who of its user's contacts is there: after the hello, and when too much was to be told singly. */
@Injectable()
export class Greeter {
  private readonly logger = new Logger('Presence');
  /** Whether it is also told anew what it asked to be told. */
  private readonly waiting = new Map<Connection, boolean>();
  private running = false;

  constructor(
    private readonly announcer: Announcer,
    private readonly relations: Relations,
  ) {
    announcer.onOverflow = (connection) => this.greet(connection, true);
  }

  get size(): number {
    return this.waiting.size;
  }

  /** `anew`: with those it has subscribed to as well, because it may have missed something. */
  greet(connection: Connection, anew = false): void {
    this.waiting.set(connection, anew || this.waiting.get(connection) === true);
    if (!this.running) void this.run();
  }

  private async run(): Promise<void> {
    this.running = true;
    while (this.waiting.size > 0) {
      if (this.waiting.size < AT_ONCE) await delay(GATHER);
      const batch = [...this.waiting].slice(0, AT_ONCE);
      for (const [connection] of batch) this.waiting.delete(connection);
      await Promise.all(batch.map(([connection, anew]) => this.show(connection, anew)));
    }
    this.running = false;
  }

  private async show(connection: Connection, anew: boolean): Promise<void> {
    if (connection.closed) return;
    try {
      const isTold = await this.snapshot(connection);
      if (!isTold) this.later(connection, anew);
      if (anew) await this.repeatSubscriptions(connection);
    } catch (error) {
      if (connection.closed) return;
      this.logger.warn(
        { err: error, connection: connection.id },
        'A presence snapshot could not be made yet',
      );
      this.later(connection, anew);
    }
  }

  /** False: there was no room. */
  private async snapshot(connection: Connection): Promise<boolean> {
    const contacts = await this.relations.contactsOf(connection.userId);
    if (contacts.size === 0 || connection.closed) return true;
    const there = [...contacts].filter((contact) => this.announcer.standingOf(contact));
    const regards = await this.relations.regardsOf(connection.userId, there);
    const users = there
      .flatMap((user) => {
        const standing = this.announcer.standingOf(user);
        return standing ? [presenceOf(user, standing, regards(user))] : [];
      })
      .filter(({ state }) => state !== 'offline');
    for (let start = 0; start === 0 || start < users.length; start += USERS_PER_FRAME) {
      const more = start + USERS_PER_FRAME < users.length;
      const data = { users: users.slice(start, start + USERS_PER_FRAME), more };
      if (this.announcer.push(connection, 'presence.snapshot', data) === 'later') return false;
    }
    return true;
  }

  private async repeatSubscriptions(connection: Connection): Promise<void> {
    const { subscriptions, watches } = this.announcer;
    const users = new Set(subscriptions.of(connection));
    for (const { members } of watches.of(connection))
      for (const member of members ?? []) if (member !== connection.userId) users.add(member);
    for (const user of users) await this.announcer.show(user, [connection]);
  }

  private later(connection: Connection, anew: boolean): void {
    setTimeout(() => this.greet(connection, anew), RETRY).unref();
  }
}
