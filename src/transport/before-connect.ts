import { Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { ErrorCode } from '@rookery/protocol';
import type { Principal } from '../auth/index.js';
import { AppError, DeadlineExceeded, within } from '../common/index.js';
import { AppConfig } from '../config/index.js';
import type { ClientDescription } from './handshake.js';

/** Somebody with a good token, who wants to connect. */
export interface ConnectingClient extends ClientDescription {
  principal: Principal;
  /** The client's address, behind trusted proxies too. */
  ip: string;
}

/**
 * A before-hook: asked about every connection when its token is verified and before it is opened, in the order of
 * module imports, and awaited. Throw an AppError to refuse: a handshake is answered with the HTTP status of its code, a
 * first frame with an `error` and close 4500. The client waits, `WS_AUTH_TIMEOUT` at most, after which it is refused as
 * `unavailable`: keep it fast, and bound whatever it calls.
 */
export interface BeforeConnectHook {
  beforeConnect(client: Readonly<ConnectingClient>): Promise<void> | void;
}

/**
 * Marks a provider, of any module, as a {@link BeforeConnectHook}.
 *
 * @example
 * \@BeforeConnect()
 * class OnlyPaying implements BeforeConnectHook { async beforeConnect({ principal }) { … } }
 */
export const BeforeConnect = DiscoveryService.createDecorator();

/** The hooks of this application, found once. */
@Injectable()
export class BeforeConnectHooks {
  private hooks?: BeforeConnectHook[];

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly config: AppConfig,
  ) {}

  /** Undefined when there are none. */
  run(client: ConnectingClient): Promise<void> | undefined {
    this.hooks ??= this.discovery
      .getProviders({ metadataKey: BeforeConnect.KEY })
      .map(({ instance }) => instance as BeforeConnectHook);
    return this.hooks.length === 0 ? undefined : this.inTime(runAll(this.hooks, client));
  }

  private async inTime(asked: Promise<void>): Promise<void> {
    try {
      await within(this.config.ws.authTimeout, asked);
    } catch (cause) {
      throw cause instanceof DeadlineExceeded ? new AppError(ErrorCode.Unavailable, { cause }) : cause;
    }
  }
}

async function runAll(hooks: readonly BeforeConnectHook[], client: ConnectingClient): Promise<void> {
  for (const hook of hooks) await hook.beforeConnect(client);
}
