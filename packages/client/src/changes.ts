import type { CommandName, Commands } from '@rookery/protocol';
import type { Entry } from './entry.js';
import { isBound, newClientId, type Addressed } from './outbox-item.js';
import { ClientErrorCode, toRookeryError } from './rookery-error.js';

/** Commands that are done once under a client id; messages have the outbox. */
export type ChangeName = Exclude<
  { [Name in CommandName]: 'clientId' extends keyof Commands[Name]['data'] ? Name : never }[CommandName],
  'chat.send'
>;

export interface ChangesPort {
  call<Name extends CommandName>(
    type: Name,
    data: Commands[Name]['data'],
    user?: string,
  ): Promise<Commands[Name]['reply']>;
  /** Resolves after a wait that grows with `attempt`, and is at least `retryAfter` seconds. */
  pause(attempt: number, retryAfter?: number): Promise<void>;
  user(): string | undefined;
  /** One that {@link Changes.mayHaveStored} spoke of is answered. */
  onDoubtOver(): void;
}

/**
 * Commands that change something: each is repeated under one client id until it is answered for good, so that nothing
 * is done twice, and those to one target go one after another, so that the last one said is the one that holds.
 */
export class Changes {
  private readonly last = new Map<string, Promise<unknown>>();
  private readonly waiting = new Set<Addressed>();

  constructor(private readonly port: ChangesPort) {}

  run<Name extends ChangeName>(type: Name, data: Commands[Name]['data']): Promise<Commands[Name]['reply']> {
    const target = data as Addressed['target'];
    const key = JSON.stringify([target.to, target.conversation]);
    const item = { target, user: this.port.user() };
    const named = { clientId: newClientId(), ...data };
    const turn = this.last.get(key) ?? Promise.resolve();
    this.waiting.add(item);
    const result = turn.then(() => this.repeat(type, named, item.user));
    const over: Promise<void> = result
      .then(() => undefined)
      .catch(() => undefined)
      .then(() => this.done(key, item, over));
    this.last.set(key, over);
    return result;
  }

  /** Whether the conversation of this entry may hold one of ours whose number is not known yet. */
  mayHaveStored(entry: Entry): boolean {
    const user = this.port.user();
    return [...this.waiting].some((item) => isBound({ ...item, user }, entry));
  }

  private async repeat<Name extends ChangeName>(
    type: Name,
    data: Commands[Name]['data'],
    user: string | undefined,
  ): Promise<Commands[Name]['reply']> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.port.call(type, data, user);
      } catch (error) {
        const failure = toRookeryError(error, ClientErrorCode.ConnectionLost);
        if (!failure.retryable) throw failure;
        await this.port.pause(attempt, failure.retryAfter);
      }
    }
  }

  private done(key: string, item: Addressed, over: Promise<unknown>): void {
    this.waiting.delete(item);
    if (this.last.get(key) === over) this.last.delete(key);
    this.port.onDoubtOver();
  }
}
