import type { IncomingMessage } from 'node:http';
import { Injectable, Logger } from '@nestjs/common';
import { CloseCode } from '@rookery/protocol';
import { AppConfig } from '../config/index.js';
import { HubService } from '../hub/index.js';
import { type AddressSet, addressSet, clientAddress, contains } from './client-address.js';
import type { ClientSession } from './client-session.js';
import { SessionManager } from './session-manager.js';

/**
 * Addresses that get nothing from this server: those of `IP_BLOCKLIST`, which stay, and those that were set while it
 * runs. Asked at every handshake and every REST call; whoever is connected when his address is blocked is closed.
 */
@Injectable()
export class AddressBlockList {
  private readonly logger = new Logger('BlockList');
  private readonly base: AddressSet;
  private readonly trusted: AddressSet;
  private listed: AddressSet;

  constructor(
    { http }: AppConfig,
    private readonly manager: SessionManager,
    private readonly hub: HubService,
  ) {
    this.base = addressSet(http.ipBlocklist);
    this.trusted = addressSet(http.trustedProxies);
  }

  /** Addresses and CIDR ranges; IPv4-mapped IPv6 addresses are the same as their IPv4 ones, in lists and of clients. */
  isBlocked(address: string): boolean {
    return contains(this.base, address) || contains(this.listed, address);
  }

  /** Of the client, behind trusted proxies too. */
  addressOf(request: IncomingMessage): string {
    return clientAddress(request, this.trusted);
  }

  /** Takes the place of all that were set before. Returns how many connections were closed. */
  replace(ranges: readonly string[]): number {
    this.listed = addressSet(ranges);
    const blocked = [...this.manager.sessions].filter(({ ip }) => this.isBlocked(ip));
    for (const session of blocked) this.cut(session);
    if (blocked.length > 0) this.logger.log({ connections: blocked.length }, 'Closed blocked addresses');
    return blocked.length;
  }

  private cut(session: ClientSession): void {
    if (session.connection) this.hub.unregister(session.connection);
    session.close(CloseCode.Disconnected, 'this address is blocked');
  }
}
