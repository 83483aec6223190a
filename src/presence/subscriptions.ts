import { ErrorCode } from '@rookery/protocol';
import { AppError, invalidField } from '../common/index.js';
import type { Connection } from '../hub/index.js';

/** Users that one connection may be told about without being their contact. */
export const MAX_SUBSCRIPTIONS = 500;
/** Pairs of connection and user on this node. */
export const SUBSCRIPTION_CAPACITY = 200_000;

/** Which connections asked to be told about which users. */
export class Subscriptions {
  private readonly byUser = new Map<string, Set<Connection>>();
  private readonly byConnection = new Map<Connection, Set<string>>();
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** All or none of them; throws AppError `invalid` or `overloaded`. */
  add(connection: Connection, users: readonly string[]): void {
    const own = this.byConnection.get(connection) ?? new Set<string>();
    const fresh = [...new Set(users)].filter((user) => !own.has(user));
    if (own.size + fresh.length > MAX_SUBSCRIPTIONS)
      throw invalidField('users', `At most ${MAX_SUBSCRIPTIONS} subscriptions of one connection`);
    if (this.count + fresh.length > SUBSCRIPTION_CAPACITY) throw new AppError(ErrorCode.Overloaded);
    for (const user of fresh) {
      own.add(user);
      const connections = this.byUser.get(user);
      if (connections) connections.add(connection);
      else this.byUser.set(user, new Set([connection]));
    }
    this.count += fresh.length;
    if (own.size > 0) this.byConnection.set(connection, own);
  }

  /** Without users all of them. */
  remove(connection: Connection, users?: readonly string[]): void {
    const own = this.byConnection.get(connection);
    if (!own) return;
    for (const user of users ?? [...own]) if (own.delete(user)) this.removeOne(connection, user);
    if (own.size === 0) this.byConnection.delete(connection);
  }

  /** Connections that are told about a user. */
  to(user: string): Iterable<Connection> {
    return this.byUser.get(user) ?? NONE;
  }

  /** Users that a connection is told about. */
  of(connection: Connection): Iterable<string> {
    return this.byConnection.get(connection) ?? [];
  }

  has(connection: Connection, user: string): boolean {
    return this.byConnection.get(connection)?.has(user) ?? false;
  }

  private removeOne(connection: Connection, user: string): void {
    this.count--;
    const connections = this.byUser.get(user);
    if (connections?.delete(connection) && connections.size === 0) this.byUser.delete(user);
  }
}

const NONE: readonly Connection[] = [];
