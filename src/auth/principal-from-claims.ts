import { isUserId } from '../common/user-id.js';
import type { AppConfig } from '../config/index.js';
import type { Principal } from './principal.js';
import { checkTimes } from './token-times.js';
import { unauthenticated } from './unauthenticated.js';

export type ClaimRules = Omit<AppConfig['jwt'], 'key'>;
export type Claims = Readonly<Record<string, unknown>>;

const MAX_ROLES = 64;
const MAX_ROLE_LENGTH = 128;
const MAX_NAME_LENGTH = 128;
const MAX_AVATAR_LENGTH = 2048;

/** Where issuers write what a token is for, although it is signed with the same key as an access token. */
const PURPOSE_CLAIMS = ['typ', 'type', 'token_type', 'token_use'] as const;
const OTHER_PURPOSE = /^(refresh|offline|logout)/i;

const claim = (claims: Claims, name: string): unknown =>
  Object.hasOwn(claims, name) ? claims[name] : undefined;

function checkPurpose(claims: Claims): void {
  for (const name of PURPOSE_CLAIMS) {
    const purpose = claim(claims, name);
    if (typeof purpose === 'string' && OTHER_PURPOSE.test(purpose))
      throw unauthenticated('Token is not an access token');
  }
}

function checkParties(claims: Claims, { issuer, audience }: ClaimRules): void {
  if (issuer !== undefined && claim(claims, 'iss') !== issuer)
    throw unauthenticated('Token has the wrong issuer');
  if (audience !== undefined && ![claim(claims, 'aud')].flat().includes(audience)) {
    throw unauthenticated('Token has the wrong audience');
  }
}

function userIdOf(claims: Claims, userClaims: readonly string[]): string {
  const value = userClaims
    .map((name) => claim(claims, name))
    .find((found) => found !== undefined && found !== null);
  if (value === undefined) throw unauthenticated('Token names no user');
  // Beyond 2^53 the digits have already been rounded: two users could become one.
  if (typeof value === 'number' && value > Number.MAX_SAFE_INTEGER) {
    throw unauthenticated('Token has a user id too large for a number: issue it as a string');
  }
  const userId = Number.isSafeInteger(value) && Number(value) >= 0 ? String(value) : value;
  if (typeof userId !== 'string' || !isUserId(userId))
    throw unauthenticated('Token has a user id that is not acceptable');
  return userId;
}

/** One list for the many who have none: principals live as long as their connections. */
const NO_ROLES: readonly string[] = [];

function rolesOf(claims: Claims): readonly string[] {
  const roles = [claim(claims, 'role'), claim(claims, 'roles')]
    .flat()
    .filter(
      (role): role is string => typeof role === 'string' && role !== '' && role.length <= MAX_ROLE_LENGTH,
    );
  return roles.length === 0 ? NO_ROLES : [...new Set(roles)].slice(0, MAX_ROLES);
}

function nameOf(claims: Claims): string | undefined {
  const name = claim(claims, 'name');
  if (typeof name !== 'string') return undefined;
  const printable = name.replace(/[\p{Cc}\p{Cs}]/gu, '').trim();
  return [...printable].slice(0, MAX_NAME_LENGTH).join('') || undefined;
}

function avatarOf(claims: Claims): string | undefined {
  const avatar = claim(claims, 'avatar');
  return typeof avatar === 'string' && avatar.length <= MAX_AVATAR_LENGTH ? avatar || undefined : undefined;
}

/** Judges the claims of a token whose signature is already proved; `now` in milliseconds since the epoch. */
export function principalFromClaims(claims: Claims, rules: ClaimRules, now: number): Principal {
  const times = checkTimes(
    { exp: claim(claims, 'exp'), nbf: claim(claims, 'nbf'), iat: claim(claims, 'iat') },
    rules,
    now / 1000,
  );
  checkParties(claims, rules);
  checkPurpose(claims);
  return {
    userId: userIdOf(claims, rules.userClaims),
    roles: rolesOf(claims),
    name: nameOf(claims),
    avatar: avatarOf(claims),
    ...times,
  };
}

/** The claims of a proved token, which must be one JSON object. */
export function parseClaims(payload: string): Claims {
  try {
    const claims: unknown = JSON.parse(payload);
    if (typeof claims === 'object' && claims !== null && !Array.isArray(claims)) return claims as Claims;
  } catch {
    // The same refusal as for any other payload that is no object.
  }
  throw unauthenticated('Token is malformed');
}
