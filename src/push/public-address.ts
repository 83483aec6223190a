import { lookup as resolve, type LookupAddress, type LookupOptions } from 'node:dns';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Whether an IP address belongs to the public internet: not to this machine, its networks, or a special use. */
export function isPublicAddress(address: string): boolean {
  return isIP(address) !== 0 && ipaddr.process(address).range() === 'unicast';
}

/** Thrown where an address given by a client leads into a network that is not public. */
export class PrivateAddressError extends Error {
  override readonly name = 'PrivateAddressError';
}

/** Whether the host of a URL is written as an address, and that is not public: no name is looked up for it. */
export function namesPrivateAddress({ hostname }: URL): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  return isIP(host) !== 0 && !isPublicAddress(host);
}

type Callback = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

type Resolve = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * `lookup` for a request: gives only public addresses, and those are what is connected to, so that a name cannot answer
 * with another one in between.
 */
export const publicLookup = guardedLookup(resolve);

/** The same with any way to ask for addresses. */
export function guardedLookup(ask: Resolve) {
  return (hostname: string, options: LookupOptions, callback: Callback): void =>
    ask(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const allowed = addresses.filter(({ address }) => isPublicAddress(address));
      const [first] = allowed;
      if (!first || allowed.length < addresses.length)
        return callback(new PrivateAddressError('The name leads to an address that is not public'), []);
      if (options.all) return callback(null, allowed);
      callback(null, first.address, first.family);
    });
}
