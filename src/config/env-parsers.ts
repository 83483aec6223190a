import { isIP } from 'node:net';
import { z } from 'zod';
import { DIALECTS, type DialectPath } from './app-config.js';

/** Turns the text of a variable into its value, or says what it must be. */
export type Parser<T> = z.ZodType<T, string>;

const parser = <T>(mustBe: string, read: (text: string) => T | undefined): Parser<T> =>
  z.string().transform((text, context) => {
    const value = read(text.trim());
    if (value !== undefined) return value;
    context.addIssue(mustBe);
    return z.NEVER;
  });

const numberBetween = (text: string, pattern: RegExp, min: number, max: number): number | undefined => {
  const value = pattern.test(text) ? Number(text) : NaN;
  return value >= min && value <= max ? value : undefined;
};

export const text = (): Parser<string> => parser('must not be blank', (value) => value || undefined);

export const integer = (min: number, max: number): Parser<number> =>
  parser(`must be a whole number from ${min} to ${max}`, (value) => numberBetween(value, /^\d+$/, min, max));

/** Given in seconds (a fraction is allowed), held in milliseconds. */
export const seconds = (min: number, max: number): Parser<number> =>
  parser(`must be a number of seconds from ${min} to ${max}`, (value) => {
    const given = numberBetween(value, /^\d+(\.\d+)?$/, min, max);
    return given === undefined ? undefined : Math.round(given * 1000);
  });

const BOOLEANS: Readonly<Record<string, boolean>> = { true: true, '1': true, false: false, '0': false };
export const flag = (): Parser<boolean> =>
  parser('must be true or false', (value) => BOOLEANS[value.toLowerCase()]);

export const oneOf = <const T extends string>(...values: readonly T[]): Parser<T> =>
  parser(`must be one of ${values.join(', ')}`, (value) => values.find((known) => known === value));

/** Comma-separated; every item must pass. */
export const listOf = (mustBe: string, accepts: (item: string) => boolean): Parser<readonly string[]> =>
  parser(`must be a comma-separated list of ${mustBe}`, (value) => {
    const items = value
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
    return items.every(accepts) ? items : undefined;
  });

export const names = (): Parser<readonly string[]> =>
  listOf('names, at least one', (item) => /^\S+$/.test(item)).refine(
    (items) => items.length > 0,
    'must name at least one',
  );

export const mediaTypes = (): Parser<readonly string[]> =>
  listOf('media types such as image/* or application/pdf, in small letters', (item) =>
    /^(\*\/\*|[a-z0-9][\w.+-]*\/(\*|[a-z0-9][\w.+-]*))$/.test(item),
  ).refine((items) => items.length > 0, 'must name at least one');

export const isAddressOrCidr = (item: string): boolean => {
  const [address = '', prefix, ...rest] = item.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128));
};
export const addresses = (): Parser<readonly string[]> =>
  listOf('IP addresses or CIDR ranges', isAddressOrCidr);

const isOrigin = (item: string): boolean => URL.canParse(item) && new URL(item).origin === item;
export const origins = (): Parser<readonly string[]> =>
  listOf('exact origins such as https://chat.example.com (no path, no wildcard)', isOrigin);

/** RFC 7064 and RFC 7065. */
export const iceServers = (): Parser<readonly string[]> =>
  listOf('addresses such as stun:stun.example.com:3478 or turn:turn.example.com?transport=tcp', (item) =>
    /^(stuns?:|turns?:)([\w.-]+|\[[\da-f:]+\])(:\d{1,5})?(\?transport=(udp|tcp))?$/i.test(item),
  );

export const urlPath = (): Parser<string> =>
  parser('must be a path such as /ws', (value) => (/^\/[\w\-.~/]*$/.test(value) ? value : undefined));

/** What the server answers itself, in any case of letters; a WebSocket there would hide it. */
const PAGES = [
  '/health',
  '/metrics',
  '/stats',
  '/docs',
  '/docs-json',
  '/asyncapi.json',
  '/chat',
  '/user/wslogout',
];
/** Of a path that hides what is below it, too. */
const TAKEN = ['/api', ...PAGES];
const TAKEN_FROM_DIALECTS = ['/api/v1', '/api/ws/status', '/api/ws/broadcast', '/api/ws/send', ...PAGES];

const isTaken = (path: string, by: readonly string[]): boolean => {
  const plain = path.toLowerCase().replace(/\/+/g, '/').replace(/\/$/, '');
  return plain === '' || by.some((taken) => plain === taken || plain.startsWith(`${taken}/`));
};
const notTaken = (by: readonly string[]): string =>
  `must not be /, nor ${by.slice(0, -1).join(', ')} or ${by.at(-1)}, nor below one of them`;

export const webSocketPath = (): Parser<string> =>
  urlPath().refine((path) => !isTaken(path, TAKEN), notTaken(TAKEN));

const dialectPath = (item: string): DialectPath | undefined => {
  const [, name, path] = /^(\w+):(\/[\w\-.~/]*[\w\-.~])\/?$/.exec(item) ?? [];
  const known = DIALECTS.find((dialect) => dialect === name);
  return known && path !== undefined ? { name: known, path } : undefined;
};

/** `none`, or one path for each; a path is for one of them. */
export const dialects = (): Parser<readonly DialectPath[]> =>
  parser(
    `must be none, or a comma-separated list such as melody:/api/ws/connect of ${DIALECTS.join(', ')}, each with a path of its own`,
    (value) => {
      if (value === 'none') return [];
      const items = value.split(',').map((item) => dialectPath(item.trim()));
      const found = items.filter((item) => item !== undefined);
      const paths = new Set(found.map(({ path }) => path));
      return found.length === items.length && paths.size === items.length ? found : undefined;
    },
  ).refine(
    (found) => !found.some(({ path }) => isTaken(path, TAKEN_FROM_DIALECTS)),
    `has a path that ${notTaken(TAKEN_FROM_DIALECTS)}`,
  );

export const httpUrl = (): Parser<string> =>
  parser('must be an http or https address without credentials', (value) => {
    const url = URL.canParse(value) ? new URL(value) : undefined;
    return url && /^https?:$/.test(url.protocol) && !url.username && !url.password ? url.href : undefined;
  });

/** A PEM in an environment variable often has its line ends written as `\n`. */
export const pem = (): Parser<string> =>
  parser('must be a PEM text', (value) => {
    const unfolded = value.replaceAll('\\n', '\n').trim();
    return unfolded.startsWith('-----BEGIN ') ? unfolded : undefined;
  });

/** Standard Webhooks: `whsec_` and the key in base64. */
export const webhookSecret = (): Parser<Buffer> =>
  parser('must be whsec_ and 24 to 64 bytes in base64', (value) => {
    const key = /^whsec_[A-Za-z0-9+/]+={0,2}$/.test(value)
      ? Buffer.from(value.slice(6), 'base64')
      : undefined;
    return key && key.length >= 24 && key.length <= 64 ? key : undefined;
  });
