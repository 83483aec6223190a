import { Injectable, Logger } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { GATEWAY_METADATA } from '@nestjs/websockets/internal';

const HOOKS = ['handleConnection', 'handleDisconnect'] as const;
type Hook = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Keeps what a gateway throws in its connection hooks from ending the process: Nest calls them where nobody catches,
 * and a client that connects could choose the moment. Works in the constructor, like {@link GatewayFilters}.
 */
@Injectable()
export class GatewayHooks {
  private readonly logger = new Logger('Gateway');
  private readonly contained = new WeakSet<Hook>();
  /** Whether some gateway wants to know of connections as such, and not only of their commands. */
  private found = false;

  constructor(discovery: DiscoveryService) {
    for (const { metatype } of discovery.getProviders()) {
      if (!metatype || !Reflect.hasMetadata(GATEWAY_METADATA, metatype)) continue;
      const prototype = metatype.prototype as Record<string, unknown>;
      for (const name of HOOKS) this.contain(prototype, name, metatype.name);
    }
  }

  get any(): boolean {
    return this.found;
  }

  private contain(prototype: Record<string, unknown>, name: (typeof HOOKS)[number], gateway: string): void {
    const hook = prototype[name] as Hook | undefined;
    if (typeof hook !== 'function') return;
    this.found = true;
    if (this.contained.has(hook)) return;
    const report = (error: unknown): void =>
      this.logger.error({ err: error, gateway, hook: name }, 'A connection hook failed');
    const safe: Hook = async function (...args) {
      try {
        await hook.apply(this, args);
      } catch (error) {
        report(error);
      }
    };
    this.contained.add(safe);
    prototype[name] = safe;
  }
}
