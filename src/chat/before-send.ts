import { Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import type { MessageDraft } from '@rookery/protocol';
import type { Principal } from '../auth/index.js';

/** A message on its way in: accepted by the schema, not yet stored. */
export interface OutgoingMessage extends MessageDraft {
  from: string;
  conversation: string;
  /** The other party, in a direct chat. */
  to?: string;
  clientId: string;
  /** It is a new content for the sender's message at this place. */
  edits?: number;
}

/**
 * A before-hook: sees every message before it is stored, in the order of module imports, and is awaited.
 * Throw an AppError (`refused`, say) to refuse the message; return changed parts to rewrite it; return nothing to let
 * it pass. Must answer a repeated message like the first time, or the sender's retry becomes a conflict.
 * The sender waits: keep it fast, and bound whatever it calls.
 */
export interface BeforeSendHook {
  beforeSend(
    message: Readonly<OutgoingMessage>,
    sender: Principal | undefined,
  ): Promise<Partial<MessageDraft> | void> | Partial<MessageDraft> | void;
}

/**
 * Marks a provider, of any module, as a {@link BeforeSendHook}.
 *
 * @example
 * \@BeforeSend()
 * class NoLinks implements BeforeSendHook { beforeSend(message) { … } }
 */
export const BeforeSend = DiscoveryService.createDecorator();

/** The hooks of this application, found once. */
@Injectable()
export class BeforeSendHooks {
  private hooks?: BeforeSendHook[];

  constructor(private readonly discovery: DiscoveryService) {}

  /** Undefined when there are none, so that the message path pays nothing. */
  run(message: OutgoingMessage, sender: Principal | undefined): Promise<OutgoingMessage> | undefined {
    this.hooks ??= this.discover();
    return this.hooks.length === 0 ? undefined : this.runAll(this.hooks, message, sender);
  }

  private discover(): BeforeSendHook[] {
    return this.discovery
      .getProviders({ metadataKey: BeforeSend.KEY })
      .map(({ instance }) => instance as BeforeSendHook);
  }

  private async runAll(
    hooks: readonly BeforeSendHook[],
    message: OutgoingMessage,
    sender: Principal | undefined,
  ): Promise<OutgoingMessage> {
    let current = message;
    for (const hook of hooks) current = { ...current, ...(await hook.beforeSend(current, sender)) };
    return current;
  }
}
