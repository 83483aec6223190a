import type { IncomingMessage } from 'node:http';
import { SUBPROTOCOL } from '@rookery/protocol';
import type { DialectName, DialectPath } from '../../config/index.js';
import type { Dialect } from './dialect.js';
import { gozero } from './gozero.js';
import { kama } from './kama.js';
import { melody } from './melody.js';
import { skyeim } from './skyeim.js';

export type { Dialect } from './dialect.js';
export { RECENT_IDS } from './recent-ids.js';

const DIALECTS: Readonly<Record<DialectName, Dialect>> = { melody, skyeim, kama, gozero };

/** Which dialect is spoken where. */
export class DialectPaths {
  private readonly byPath: ReadonlyMap<string, Dialect>;

  /** `native` is the path of the native protocol, which a dialect may share. */
  constructor(
    paths: readonly DialectPath[],
    private readonly native: string,
  ) {
    this.byPath = new Map(paths.map(({ path, name }) => [path, DIALECTS[name]]));
  }

  has(path: string): boolean {
    return this.byPath.has(path);
  }

  /** Undefined: the native protocol, or nothing. */
  of(path: string, { headers }: IncomingMessage): Dialect | undefined {
    const dialect = this.byPath.get(path);
    return dialect && path === this.native && offersNative(headers) ? undefined : dialect;
  }
}

function offersNative(headers: IncomingMessage['headers']): boolean {
  const offered = headers['sec-websocket-protocol'] ?? '';
  return offered.split(',').some((name) => name.trim() === SUBPROTOCOL);
}
