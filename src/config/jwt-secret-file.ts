import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder } from '../common/make-folder.js';
import { type DatabaseLocation, MEMORY_PATH } from './database-url.js';

const SECRET_BYTES = 32;

/** Beside the database, so that what belongs together is kept, moved and thrown away together. */
export function jwtSecretPath(database: DatabaseLocation): string {
  const beside =
    database.type === 'sqlite' && database.path !== MEMORY_PATH ? dirname(database.path) : 'data';
  return join(beside, 'jwt-secret');
}

function writeWhole(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** A hard link appears whole or not at all, and only for the first of several starts. */
function createOnce(path: string): void {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  makeFolder(dirname(path));
  writeWhole(draft, `${randomBytes(SECRET_BYTES).toString('base64url')}\n`);
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    unlinkSync(draft);
  }
}

/** Reads the secret that an earlier start made, or makes it; every start that races for it gets the same one. */
export function keptSecret(path: string): string {
  if (!existsSync(path)) createOnce(path);
  const secret = readFileSync(path, 'utf8').trim();
  if (Buffer.byteLength(secret) < SECRET_BYTES)
    throw new Error(`${path} is damaged: remove it to have a new secret made`);
  return secret;
}
