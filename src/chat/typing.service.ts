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
  active: boolean;
  /** When the others were last told that he types. */
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

  /** AppError `not_found` where the user could not write. */
  async tell(user: string, target: ConversationTarget, active: boolean): Promise<void> {
    const { conversation, parties } = resolveWritable(user, target);
    if (!parties) return this.tellGroup(user, conversation, active);
    const other = parties.find((party) => party !== user);
    if (other === undefined || (await this.contacts.hasBlocked(other, user))) return;
    this.change(user, conversation, active);
  }

  onModuleDestroy(): void {
    clearTimeout(this.timer);
  }

  private async tellGroup(user: string, group: string, active: boolean): Promise<void> {
    await this.hub.attend(user);
    if (!this.hub.isMember(user, group)) throw new AppError(ErrorCode.NotFound);
    this.change(user, group, active);
  }

  private change(user: string, conversation: string, active: boolean): void {
    if (active) this.start(conversation, user);
    else this.stop(conversation, user);
  }

  private start(conversation: string, from: string): void {
    const key = keyOf(conversation, from);
    const now = Date.now();
    const known = this.typing.get(key);
    const due = !known || now - known.told >= TYPING_INTERVAL;
    this.typing.delete(key);
    this.typing.set(key, {
      conversation,
      from,
      active: due || known.active,
      told: due ? now : known.told,
      expires: now + TYPING_LIFETIME,
    });
    if (due) this.relay(conversation, from, true);
    if (this.typing.size > TYPING_LIMIT) this.endOldest();
    this.wait();
  }

  /** Remembered until it expires, or stopping and starting again would be told each time. */
  private stop(conversation: string, from: string): void {
    const known = this.typing.get(keyOf(conversation, from));
    if (!known?.active) return;
    known.active = false;
    this.relay(conversation, from, false);
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
    for (const [key, { conversation, from, active }] of this.typing) {
      this.typing.delete(key);
      if (active) this.relay(conversation, from, false);
      return;
    }
  }

  private relay(conversation: string, from: string, active: boolean): void {
    this.hub.sendToConversation(
      conversation,
      'chat.typing',
      { conversation, from, active },
      { exceptUser: from },
    );
  }
}

const keyOf = (conversation: string, user: string): string => `${conversation}\0${user}`;
