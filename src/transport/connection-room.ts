import { ErrorCode } from '@rookery/protocol';
import { addressGroup } from '../common/index.js';
import type { AppConfig } from '../config/index.js';
import { HandshakeRefusal } from './http-refusal.js';

export const RETRY_WHEN_FULL = { 'Retry-After': '5' };

/** Of all connections, those that may wait for their first frame: who has no token cannot take everybody's place. */
const UNNAMED_SHARE = 0.1;
const MIN_UNNAMED = 10;

export const unnamedLimit = ({ maxConnections }: Pick<AppConfig['ws'], 'maxConnections'>): number =>
  Math.min(maxConnections, Math.max(MIN_UNNAMED, Math.floor(maxConnections * UNNAMED_SHARE)));

/** How many connections there may be, of one address and without a token. */
export class ConnectionRoom {
  private readonly perAddress = new Map<string, number>();

  constructor(private readonly limits: Pick<AppConfig['ws'], 'maxConnections' | 'maxConnectionsPerIp'>) {}

  assertRoom(ip: string, connections: number): void {
    const { maxConnections, maxConnectionsPerIp } = this.limits;
    if (connections > maxConnections) throw overloaded('The server has no room for more connections');
    if (maxConnectionsPerIp > 0 && (this.perAddress.get(addressGroup(ip)) ?? 0) >= maxConnectionsPerIp) {
      throw new HandshakeRefusal(429, ErrorCode.RateLimited, 'Too many connections from this address', {
        'Retry-After': '60',
      });
    }
  }

  assertRoomForUnnamed(unnamed: number): void {
    if (unnamed >= unnamedLimit(this.limits))
      throw overloaded('Too many connections have not brought a token yet');
  }

  take(ip: string): void {
    const group = addressGroup(ip);
    this.perAddress.set(group, (this.perAddress.get(group) ?? 0) + 1);
  }

  release(ip: string): void {
    const group = addressGroup(ip);
    const left = (this.perAddress.get(group) ?? 1) - 1;
    if (left > 0) this.perAddress.set(group, left);
    else this.perAddress.delete(group);
  }
}

function overloaded(message: string): HandshakeRefusal {
  return new HandshakeRefusal(503, ErrorCode.Overloaded, message, RETRY_WHEN_FULL);
}
