import { tokenFor } from './raw-client.js';

export interface ApiCall {
  user?: string;
  /** A role of the token. */
  role?: string;
  body?: unknown;
  key?: string;
}

export interface ApiAnswer {
  status: number;
  // eslint-disable-next-line typescript/no-explicit-any
  json: any;
}

/** One REST call with a token of its user. */
export async function api(
  { url }: { url: string },
  method: string,
  path: string,
  { user, role, body, key }: ApiCall = {},
): Promise<ApiAnswer> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(user !== undefined && { Authorization: `Bearer ${tokenFor(user, { role })}` }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...(key !== undefined && { 'Idempotency-Key': key }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, json: text ? JSON.parse(text) : undefined };
}
