import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { ErrorCode, SUBPROTOCOL, type SyncMode } from '@rookery/protocol';
import { HandshakeRefusal } from './http-refusal.js';

/** What a client may say about itself in the query of the handshake, or in its first frame. */
export const ClientDescription = z.object({
  /** A name the client keeps for this device; gives it a delivery cursor of its own. */
  device: z
    .string()
    .regex(/^[\w.:@-]{1,64}$/)
    .optional(),
  platform: z
    .string()
    .regex(/^[\w.-]{1,32}$/)
    .optional(),
  sync: z.enum(['push', 'self']).optional(),
});
export interface ClientDescription {
  device?: string;
  platform?: string;
  sync?: SyncMode;
}

const KEY_PATTERN = /^[+/0-9A-Za-z]{22}==$/;

/** Names of sub-protocols are tokens (RFC 9110 §5.6.2). */
const TOKEN_PATTERN = /^[\w!#$%&'*+.^`|~-]+$/;

/** Checks that a request for the upgrade to WebSocket is a handshake of version 13 (RFC 6455 §4.2.1). */
export function assertWebSocketHandshake({ method, headers, httpVersion }: IncomingMessage): void {
  if (method !== 'GET')
    throw new HandshakeRefusal(405, ErrorCode.BadFrame, 'A handshake is a GET', { Allow: 'GET' });
  if (httpVersion !== '1.1')
    throw new HandshakeRefusal(400, ErrorCode.BadFrame, 'A handshake needs HTTP/1.1');
  if (headers['sec-websocket-version'] !== '13') {
    throw new HandshakeRefusal(426, ErrorCode.BadFrame, 'Only WebSocket version 13 is spoken here', {
      'Sec-WebSocket-Version': '13',
      Upgrade: 'websocket',
    });
  }
  if (!KEY_PATTERN.test(headers['sec-websocket-key'] ?? '')) {
    throw new HandshakeRefusal(400, ErrorCode.BadFrame, 'Missing or malformed Sec-WebSocket-Key');
  }
  if (!areSubprotocols(headers['sec-websocket-protocol'])) {
    throw new HandshakeRefusal(400, ErrorCode.BadFrame, 'Malformed Sec-WebSocket-Protocol');
  }
}

/** `ws` would refuse the same, in a form that is not ours. */
function areSubprotocols(header: string | undefined): boolean {
  if (header === undefined) return true;
  const names = header.split(',').map((name) => name.trim());
  return names.every((name) => TOKEN_PATTERN.test(name)) && new Set(names).size === names.length;
}

/** The path of a request target, without its query. Never throws, whatever the target is. */
export function pathOf(url: string | undefined): string {
  const path = (url ?? '/').split('?', 1)[0] ?? '/';
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

export function queryOf(url: string | undefined): URLSearchParams {
  const start = url?.indexOf('?') ?? -1;
  return new URLSearchParams(start < 0 ? '' : url?.slice(start + 1));
}

/** Reads the client's description from the query; a malformed value is a 400 naming it. */
export function describeClient(url: string | undefined): ClientDescription {
  const query = queryOf(url);
  const given = Object.fromEntries(
    ['device', 'platform', 'sync'].map((name) => [name, query.get(name) ?? undefined]),
  );
  const parsed = ClientDescription.safeParse(given);
  if (parsed.success) return parsed.data;
  const field = String(parsed.error.issues[0]?.path[0] ?? 'query');
  throw new HandshakeRefusal(400, ErrorCode.Invalid, `The query parameter ${field} is malformed`);
}

/**
 * Cross-site WebSocket hijacking is stopped here: browsers always send Origin and cannot forge it. Without the
 * header it is no browser. Compared exactly, never by prefix or suffix.
 */
export function assertOrigin(
  request: IncomingMessage,
  allowed: readonly string[],
  sameHostOnly: boolean,
): void {
  const { origin, host } = request.headers;
  if (origin === undefined) return;
  if (allowed.length > 0 ? allowed.includes(origin) : !sameHostOnly || isSameHost(origin, host)) return;
  throw new HandshakeRefusal(403, ErrorCode.Forbidden, 'This origin is not allowed');
}

function isSameHost(origin: string, host: string | undefined): boolean {
  return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
}

/** Chosen among what the client offered; the token that may hide among the offers is never echoed. */
export function chooseSubprotocol(offered: Set<string>): string | false {
  return offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false;
}
