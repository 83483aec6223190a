import { BlockList, isIP, isIPv6 } from 'node:net';
import type { IncomingMessage } from 'node:http';

/** Addresses and CIDR ranges; undefined: none, as nearly always, and then nobody pays for a look into them. */
export type AddressSet = BlockList | undefined;

/** Ranges as one set; IPv4-mapped IPv6 addresses match their IPv4 ranges. */
export function addressSet(ranges: readonly string[]): AddressSet {
  if (ranges.length === 0) return undefined;
  const set = new BlockList();
  for (const range of ranges) {
    const [address, bits] = range.split('/') as [string, string?];
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (bits === undefined) set.addAddress(address, family);
    else set.addSubnet(address, Number(bits), family);
  }
  return set;
}

export function contains(set: AddressSet, address: string): boolean {
  return set !== undefined && isIP(address) !== 0 && set.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

const IPV4_MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/**
 * The client's address: the socket's own, unless that belongs to a trusted proxy; then the last address of
 * X-Forwarded-For that no trusted proxy added. What a client writes into the header itself is never reached.
 */
export function clientAddress(request: IncomingMessage, trusted: AddressSet): string {
  let address = plain(request.socket.remoteAddress ?? '');
  const forwarded = String(request.headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((part) => plain(part.trim()));
  while (contains(trusted, address)) {
    const previous = forwarded.pop();
    if (!previous || isIP(previous) === 0) break;
    address = previous;
  }
  return address;
}

function plain(address: string): string {
  return IPV4_MAPPED.exec(address)?.[1] ?? address;
}
