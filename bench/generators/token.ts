import { createHmac } from 'node:crypto';
import { BENCH_SECRET } from '../lib/secret.js';

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const HEADER = part({ alg: 'HS256', typ: 'JWT' });

/** A token for an hour. */
export function tokenFor(user: string, claims: Record<string, unknown> = {}): string {
  const now = Math.floor(Date.now() / 1000);
  const body = `${HEADER}.${part({ sub: user, iat: now, exp: now + 3600, ...claims })}`;
  return `${body}.${createHmac('sha256', BENCH_SECRET).update(body).digest('base64url')}`;
}
