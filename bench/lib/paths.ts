import { join, resolve } from 'node:path';

/** This file runs from `bench/dist/bench/lib/`. */
export const ROOT = resolve(import.meta.dirname, '../../../..');

/** A compiled file of this folder, by its path below `bench/`. */
export const compiled = (path: string): string => join(ROOT, 'bench/dist/bench', path);
