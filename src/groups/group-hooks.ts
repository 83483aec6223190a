import { Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import type { Principal } from '../auth/index.js';

/** Somebody on his way into a group; whether he may come is not decided yet, nor whether the group exists. */
export interface JoinAttempt {
  user: string;
  group: string;
  /** `join` of an open group or an invited user, `accept`, `request`, or `approve` of his request by `by`. */
  via: 'join' | 'accept' | 'request' | 'approve';
  by: string;
}

/** Users about to be invited; whether that is allowed is not decided yet, nor whether the group exists. */
export interface InviteAttempt {
  by: string;
  group: string;
  users: readonly string[];
}

/**
 * A before-hook: sees everybody who is about to join a group, in the order of module imports, and is awaited. Throw an
 * AppError (`refused`, say) to keep him out. Not asked about users whom an administrator of the server adds. Must answer
 * a repetition like the first time, be fast, and bound whatever it calls. `principal`: of `by`; absent when a service
 * acts for him.
 */
export interface BeforeJoinHook {
  beforeJoin(attempt: Readonly<JoinAttempt>, principal: Principal | undefined): Promise<void> | void;
}

/** A before-hook on invitations, on the same terms. */
export interface BeforeInviteHook {
  beforeInvite(attempt: Readonly<InviteAttempt>, principal: Principal | undefined): Promise<void> | void;
}

/**
 * Marks a provider, of any module, as a {@link BeforeJoinHook}.
 *
 * @example
 * \@BeforeJoin()
 * class AdultsOnly implements BeforeJoinHook { beforeJoin({ user }) { … } }
 */
export const BeforeJoin = DiscoveryService.createDecorator();

/** Marks a provider, of any module, as a {@link BeforeInviteHook}. */
export const BeforeInvite = DiscoveryService.createDecorator();

/** The hooks of this application, found once. */
@Injectable()
export class GroupHooks {
  private joins?: BeforeJoinHook[];
  private invites?: BeforeInviteHook[];

  constructor(private readonly discovery: DiscoveryService) {}

  async beforeJoin(attempt: JoinAttempt, principal: Principal | undefined): Promise<void> {
    this.joins ??= this.discover(BeforeJoin.KEY);
    for (const hook of this.joins) await hook.beforeJoin(attempt, principal);
  }

  async beforeInvite(attempt: InviteAttempt, principal: Principal | undefined): Promise<void> {
    this.invites ??= this.discover(BeforeInvite.KEY);
    for (const hook of this.invites) await hook.beforeInvite(attempt, principal);
  }

  private discover<Hook>(metadataKey: string): Hook[] {
    return this.discovery.getProviders({ metadataKey }).map(({ instance }) => instance as Hook);
  }
}
