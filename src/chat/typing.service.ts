import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { ErrorCode } from '@rookery/protocol';
import { AppError } from '../common/index.js';
import { ContactDirectory } from '../contacts/index.js';
import { HubService } from '../hub/index.js';
import { Metrics } from '../metrics/index.js';
import { resolveWritable, type ConversationTarget } from './conversation-access.js';

/** Milliseconds in which "is typing" of one user in one conversation is told once. */
export const TYPING_INTERVAL = 3000;

/** Milliseconds after which somebody who says nothing more has stopped. */
export const TYPING_LIFETIME = 5000;

/** Users who type, by conversation, that are remembered; beyond it the one silent for longest has stopped. */
const TYPING_LIMIT = 20_000;

interface Typing {
  conversation: string;
  from: string;
  /** What he said last; false also once it has expired. */
  types: boolean;
  /** Whether the others believe that he types. */
  active: boolean;
  /** When they were last to be told; -Infinity: never, or they have blocked him. */
  told: number;
  expires: number;
}

/** Who is typing: told to those who are there, damped, ended by itself, stored nowhere. */
@Injectable()
export class TypingService implements OnModuleDestroy {
  /** The one silent for longest first. */
  private readonly typing = new Map<string, Typing>();
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly hub: HubService,
    private readonly contacts: ContactDirectory,
    metrics: Metrics,
  ) {
    metrics.bounds.add('typing', { limit: TYPING_LIMIT, used: () => this.typing.size });
  }

  /**
   * AppError `not_found` where the user could not write. Whoever goes on typing is answered without asking anybody:
   * blocks are asked for when something is to be told.
   */
  tell(user: string, target: ConversationTarget, active: boolean): Promise<void> | undefined {
    const { conversation, parties } = resolveWritable(user, target);
    if (!parties) return this.tellGroup(user, conversation, active);
    const other = parties.find((party) => party !== user);
    return other === undefined ? undefined : this.change(user, conversation, active, other);
  }

  onModuleDestroy(): void {
    clearTimeout(this.timer);
  }

  private async tellGroup(user: string, group: string, active: boolean): Promise<void> {
    await this.hub.attend(user);
    if (!this.hub.isMember(user, group)) throw new AppError(ErrorCode.NotFound);
    await this.change(user, group, active);
  }

  /** `other`: the one to be told, where there is only one. */
  private change(
    user: string,
    conversation: string,
    active: boolean,
    other?: string,
  ): Promise<void> | undefined {
    return active ? this.start(conversation, user, other) : this.stop(conversation, user);
  }

  private start(conversation: string, from: string, other: string | undefined): Promise<void> | undefined {
    const now = Date.now();
    const typing = this.prolong(conversation, from, now);
    if (now - typing.told < TYPING_INTERVAL) return undefined;
    typing.told = now;
    if (other !== undefined) return this.beginUnlessBlocked(typing, other);
    this.begin(typing);
    return undefined;
  }

  private prolong(conversation: string, from: string, now: number): Typing {
    const key = keyOf(conversation, from);
    const known = this.typing.get(key);
    const typing = known ?? { conversation, from, types: true, active: false, told: -Infinity, expires: 0 };
    typing.types = true;
    typing.expires = now + TYPING_LIFETIME;
    if (known) this.typing.delete(key);
    else if (this.typing.size >= TYPING_LIMIT) this.endOldest();
    this.typing.set(key, typing);
    this.wait();
    return typing;
  }

  private async beginUnlessBlocked(typing: Typing, other: string): Promise<void> {
    if (await this.contacts.hasBlocked(other, typing.from)) typing.told = -Infinity;
    else this.begin(typing);
  }

  private begin(typing: Typing): void {
    if (!typing.types) return;
    typing.active = true;
    this.relay(typing, true);
  }

  /** Remembered until it expires, or stopping and starting again would be told each time. */
  private stop(conversation: string, from: string): undefined {
    const known = this.typing.get(keyOf(conversation, from));
    if (known) this.end(known);
  }

  private wait(): void {
    if (this.timer) return;
    const [oldest] = this.typing.values();
    if (!oldest) return;
    this.timer = setTimeout(() => this.expire(), Math.max(0, oldest.expires - Date.now())).unref();
  }

  private expire(): void {
    this.timer = undefined;
    const now = Date.now();
    for (const { expires } of this.typing.values()) {
      if (expires > now) break;
      this.endOldest();
    }
    this.wait();
  }

  private endOldest(): void {
    for (const [key, typing] of this.typing) {
      this.typing.delete(key);
      return this.end(typing);
    }
  }

  /** Those who were told of the beginning are told of the end. */
  private end(typing: Typing): void {
    typing.types = false;
    if (!typing.active) return;
    typing.active = false;
    this.relay(typing, false);
  }

  private relay({ conversation, from }: Typing, active: boolean): void {
    const told = { conversation, from, active };
    this.hub.sendToConversation(conversation, 'chat.typing', told, { exceptUser: from });
  }
}

const keyOf = (conversation: string, user: string): string => `${conversation}\0${user}`;
