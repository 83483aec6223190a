import type { Principal } from './principal.js';
import { unauthenticated } from './unauthenticated.js';

interface Times {
  exp: unknown;
  nbf: unknown;
  iat: unknown;
}

interface TimeRules {
  leeway: number;
  requireExpiry: boolean;
}

/** Seconds; the last moment a Date can hold. */
const MAX_SECONDS = 8_640_000_000_000;

function secondsOf(name: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && value >= 0 && value <= MAX_SECONDS) return value;
  throw unauthenticated(`Token claim ${name} is not a time`);
}

const inMilliseconds = (seconds?: number): number | undefined =>
  seconds === undefined ? undefined : seconds * 1000;

/** Checks the three times against `now` (seconds); returns two in milliseconds, undefined where there is none. */
export function checkTimes(
  times: Times,
  { leeway, requireExpiry }: TimeRules,
  now: number,
): Pick<Principal, 'issuedAt' | 'expiresAt'> {
  const [exp, nbf, iat] = [
    secondsOf('exp', times.exp),
    secondsOf('nbf', times.nbf),
    secondsOf('iat', times.iat),
  ];
  if (exp === undefined && requireExpiry) throw unauthenticated('Token has no expiry');
  if (exp !== undefined && now >= exp + leeway) throw unauthenticated('Token expired');
  if (nbf !== undefined && nbf > now + leeway) throw unauthenticated('Token is not valid yet');
  if (iat !== undefined && iat > now + leeway) throw unauthenticated('Token was issued in the future');
  return { issuedAt: inMilliseconds(iat), expiresAt: inMilliseconds(exp) };
}
