import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Two folders up, both from `src/api-docs` and from `dist/api-docs`. */
const PACKAGE = join(import.meta.dirname, '../../package.json');

let version: string | undefined;

/** The version of this server. */
export function packageVersion(): string {
  version ??= (JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string }).version;
  return version;
}
