import type { IncomingMessage } from 'node:http';
import { ErrorCode } from '@rookery/protocol';
import type { Principal } from '../../auth/index.js';
import type { DialectName } from '../../config/index.js';
import { queryOf } from '../handshake.js';
import { HandshakeRefusal } from '../http-refusal.js';
import type { DialectHost, Translation } from './translation.js';

/** An older protocol, as clients that cannot be changed speak it. docs/dialects.md says what each can express. */
export interface Dialect {
  readonly name: DialectName;
  /**
   * Name of the delivered cursor that all of a user's connections of this dialect share; absent: a connection is brought
   * everything that the user has not read. No device can have this name.
   */
  readonly device?: string;
  /** Whether a client may go on after a refusal while it has not brought a token yet. */
  readonly patient?: boolean;
  /** Throws HandshakeRefusal where the request names somebody else than its token, or needs a token and has none. */
  assertUser(request: IncomingMessage, principal: Principal | undefined): void;
  /** For one connection. */
  open(host: DialectHost): Translation;
}

/** For dialects that have no frame to bring a token in. */
export function assertToken(principal: Principal | undefined): asserts principal is Principal {
  if (!principal)
    throw new HandshakeRefusal(401, ErrorCode.Unauthenticated, 'A token is needed in the handshake');
}

/** The token decides who it is; a query parameter may say it again, and nothing else. */
export function assertNamed(request: IncomingMessage, parameter: string, { userId }: Principal): void {
  if (
    queryOf(request.url)
      .getAll(parameter)
      .every((named) => named === userId)
  )
    return;
  throw new HandshakeRefusal(403, ErrorCode.Forbidden, `${parameter} is not the user of the token`);
}
