import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { NextFunction, Request, Response } from 'express';
import { ErrorCode } from '@rookery/protocol';
import { AppError } from '../common/index.js';
import type { AppConfig } from '../config/index.js';
import type { AddressBlockList } from './address-block-list.js';
import { pathOf } from './handshake.js';
import { HandshakeRefusal } from './http-refusal.js';
import { faultOf } from './plain-json.js';

/** Where files come in, as their own bodies. */
export const FILES_PATH = '/api/v1/attachments';

/** Blocked addresses get 403 on REST as they do at the upgrade. */
export function refuseBlocked(addresses: AddressBlockList) {
  return (request: Request, response: Response, next: NextFunction): void => {
    if (!addresses.isBlocked(addresses.addressOf(request))) return next();
    answer(response, new HandshakeRefusal(403, ErrorCode.Forbidden, 'This address is blocked'));
  };
}

/** What of a body was no text, and has been read with marks of replacement in its place. */
const NOT_UTF8 = Symbol('not UTF-8');
type Checked = IncomingMessage & { [NOT_UTF8]?: true };

/** `verify` of a parser, which would make a 403 of what is thrown here: {@link requirePlainJson} refuses. */
export function checkUtf8(request: Checked, _response: ServerResponse, body: Buffer): void {
  if (!isUtf8(body)) request[NOT_UTF8] = true;
}

/** What a frame may not hold a body may not hold either: depth that overflows the stack, prototypes, broken text. */
export function requirePlainJson() {
  return ({ body, [NOT_UTF8]: broken }: Request & Checked, _response: Response, next: NextFunction): void => {
    if (broken) return next(new AppError(ErrorCode.Invalid, { message: 'The body is not valid UTF-8' }));
    const fault = faultOf(body);
    if (!fault) return next();
    const code = fault.code === ErrorCode.BadFrame ? ErrorCode.Invalid : fault.code;
    next(new AppError(code, { message: fault.message }));
  };
}

/** A body that is read before its call; the body of a file is the file, whatever it holds. */
export function isJsonCall({ url, headers }: IncomingMessage): boolean {
  return (
    !url?.startsWith(FILES_PATH) &&
    /^application\/(json|[\w.-]+\+json)\b/i.test(headers['content-type'] ?? '')
  );
}

/** Where the type of a body is kept while somebody else's parsers look at a request. */
const HIDDEN = Symbol('content-type');
type Hiding = IncomingMessage & { [HIDDEN]?: string };

/**
 * Where the body parsers are not ours: the body of a file is the file, also when it is JSON. Before the parsers; after
 * them {@link showToOurselves} undoes it.
 */
export function hideFromParsers() {
  return (request: Hiding, _response: Response, next: NextFunction): void => {
    const type = request.headers['content-type'];
    if (type !== undefined && !type.toLowerCase().startsWith('multipart/')) {
      request[HIDDEN] = type;
      delete request.headers['content-type'];
    }
    next();
  };
}

export function showToOurselves() {
  return (request: Hiding, _response: Response, next: NextFunction): void => {
    if (request[HIDDEN] !== undefined) request.headers['content-type'] = request[HIDDEN];
    next();
  };
}

/** A plain request to `WS_PATH`, to what is below it, or to the path of a dialect is told what it lacks. */
export function requireUpgrade({ ws: { path, dialects } }: AppConfig) {
  const headers = { Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Version': '13' };
  const exact = new Set([path, ...dialects.map((dialect) => dialect.path)]);
  return (request: Request, response: Response, next: NextFunction): void => {
    const asked = pathOf(request.originalUrl);
    if (!exact.has(asked) && !asked.startsWith(`${path}/`)) return next();
    answer(response, new HandshakeRefusal(426, ErrorCode.BadFrame, 'This is a WebSocket endpoint', headers));
  };
}

function answer(response: Response, refusal: HandshakeRefusal): void {
  response
    .status(refusal.status)
    .set(refusal.headers)
    .json({ statusCode: refusal.status, ...refusal.toData() });
}
