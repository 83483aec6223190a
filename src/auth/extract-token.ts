import type { IncomingMessage } from 'node:http';
import { BEARER_SUBPROTOCOL_PREFIX } from '@rookery/protocol';
import { unauthenticated } from './unauthenticated.js';

export type TokenSource = 'header' | 'subprotocol' | 'query';

export interface ExtractedToken {
  token: string;
  source: TokenSource;
}

const BEARER = /^Bearer +([\x21-\x7e]+)$/i;

/** The tokens of the Authorization header. */
export function authorizationTokens(request: IncomingMessage): string[] {
  return (request.headersDistinct.authorization ?? []).map((value) => {
    const token = BEARER.exec(value)?.[1];
    if (token === undefined) throw unauthenticated('Authorization must be: Bearer <token>');
    return token;
  });
}

function subprotocolTokens(request: IncomingMessage): string[] {
  return (request.headers['sec-websocket-protocol'] ?? '')
    .split(',')
    .map((offered) => offered.trim())
    .filter((offered) => offered.startsWith(BEARER_SUBPROTOCOL_PREFIX))
    .map((offered) => offered.slice(BEARER_SUBPROTOCOL_PREFIX.length));
}

function queryTokens(request: IncomingMessage): string[] {
  const url = request.url ?? '';
  const start = url.indexOf('?');
  return start < 0
    ? []
    : new URLSearchParams(url.slice(start)).getAll('token').filter((token) => token !== '');
}

/** Two tokens that differ are refused: whoever chose between them could be talked into the wrong one. */
export function soleToken(candidates: readonly ExtractedToken[]): ExtractedToken | undefined {
  const [first, ...others] = candidates;
  if (first?.token === '') throw unauthenticated('Token is empty');
  if (first && others.some(({ token }) => token !== first.token))
    throw unauthenticated('The request brings more than one token');
  return first;
}

/** The token of an upgrade request; undefined: it brings none, and may do so in its first frame. */
export function extractToken(
  request: IncomingMessage,
  options: { queryToken: boolean },
): ExtractedToken | undefined {
  const inQuery = queryTokens(request);
  const from = (source: TokenSource, tokens: string[]) => tokens.map((token) => ({ token, source }));
  const found = soleToken([
    ...from('header', authorizationTokens(request)),
    ...from('subprotocol', subprotocolTokens(request)),
    ...from('query', options.queryToken ? inQuery : []),
  ]);
  if (!found && inQuery.length > 0)
    throw unauthenticated('A token in the query string is not accepted by this server');
  return found;
}
