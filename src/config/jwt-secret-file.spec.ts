import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { jwtSecretPath, keptSecret } from './jwt-secret-file.js';

/** Every start finds no file at first, as when several start at the same moment. */
vi.mock('node:fs', async (original) => ({ ...(await original<object>()), existsSync: () => false }));

it('lies beside a SQLite file, else in data', () => {
  expect(jwtSecretPath({ type: 'sqlite', path: '/var/lib/rookery/x.db' })).toBe(
    '/var/lib/rookery/jwt-secret',
  );
  expect(jwtSecretPath({ type: 'sqlite', path: ':memory:' })).toBe('data/jwt-secret');
  expect(jwtSecretPath({ type: 'mysql', url: 'mysql://h/x' })).toBe('data/jwt-secret');
});

it('is the same for all that start at the same moment, and leaves no drafts', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rookery-secret-'));
  const path = join(folder, 'jwt-secret');
  const secrets = [keptSecret(path), keptSecret(path), keptSecret(path)];
  expect(new Set(secrets)).toEqual(new Set([readFileSync(path, 'utf8').trim()]));
  expect(readdirSync(folder)).toEqual(['jwt-secret']);
  rmSync(folder, { recursive: true });
});
