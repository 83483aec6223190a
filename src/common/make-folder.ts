import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder with all that are above it; does nothing where it is there. Throws what the file system says: `mkdir`
 * with `recursive` tries for ever where a folder is there and says that it is not, as `/proc` does.
 */
export function makeFolder(path: string): void {
  if (made(path)) return;
  makeFolder(dirname(path));
  // Another process may have been faster.
  if (!made(path)) mkdirSync(path);
}

/** False: what is above it has to be made first. */
function made(path: string): boolean {
  try {
    mkdirSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && dirname(path) !== path) return false;
    if (code !== 'EEXIST' && !existsSync(path)) throw error;
  }
  return true;
}
