import type { CommandName, Commands, Presence } from '@rookery/protocol';
import { isConnectionLost, type RookeryError } from './rookery-error.js';

/** Users that one command may name. */
const PAGE = 200;

export interface PresencePort {
  connected(): boolean;
  request<Name extends CommandName>(
    type: Name,
    data: Commands[Name]['data'],
  ): Promise<Commands[Name]['reply']>;
  tell<Name extends CommandName>(type: Name, data: Commands[Name]['data']): boolean;
  onUsers(users: Presence[]): void;
  onGroup(group: Commands['presence.watch']['reply']): void;
  onError(error: RookeryError): void;
}

/** Whose presence is wanted. The server forgets it with the connection, so it is asked again on the next. */
export class PresenceWatch {
  private readonly users = new Set<string>();
  private readonly groups = new Set<string>();

  constructor(private readonly port: PresencePort) {}

  subscribe(users: readonly string[]): void {
    const fresh = users.filter((user) => !this.users.has(user));
    for (const user of fresh) this.users.add(user);
    this.askUsers(fresh);
  }

  unsubscribe(users: readonly string[]): void {
    const known = users.filter((user) => this.users.delete(user));
    for (let at = 0; at < known.length; at += PAGE)
      this.port.tell('presence.unsubscribe', { users: known.slice(at, at + PAGE) });
  }

  watch(group: string): void {
    if (this.groups.has(group)) return;
    this.groups.add(group);
    this.askGroup(group);
  }

  unwatch(group: string): void {
    if (this.groups.delete(group)) this.port.tell('presence.unwatch', { group });
  }

  greeted(): void {
    this.askUsers([...this.users]);
    for (const group of this.groups) this.askGroup(group);
  }

  /** They were another user's. */
  clear(): void {
    this.users.clear();
    this.groups.clear();
  }

  private askUsers(users: readonly string[]): void {
    for (let at = 0; at < users.length; at += PAGE)
      this.ask('presence.subscribe', { users: users.slice(at, at + PAGE) }, (reply) =>
        this.port.onUsers(reply.users),
      );
  }

  private askGroup(group: string): void {
    this.ask('presence.watch', { group }, (reply) => this.port.onGroup(reply));
  }

  private ask<Name extends CommandName>(
    type: Name,
    data: Commands[Name]['data'],
    onReply: (reply: Commands[Name]['reply']) => void,
  ): void {
    if (!this.port.connected()) return;
    this.port.request(type, data).then(onReply, (error: RookeryError) => {
      if (!isConnectionLost(error)) this.port.onError(error);
    });
  }
}
