import { readFileSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');

const roomsOf = (folder: string): string[] =>
  readdirSync(resolve(ROOT, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();

describe('docs/architecture.md', () => {
  const text = readFileSync(resolve(ROOT, 'docs/architecture.md'), 'utf8');

  it('has a row for every room, and none for a room that is not there', () => {
    const rows = text.split('\n').filter((line) => /^\| `[a-z-]+\/`/.test(line));
    const named = rows.flatMap((row) =>
      [...(row.split('|')[1] ?? '').matchAll(/`([a-z-]+)\/`/g)].map(([, room]) => room),
    );
    expect(named.sort()).toEqual(roomsOf('src'));
  });

  it.each([...text.matchAll(/\]\(([^)#]+)/g)].map(([, link]) => link ?? ''))(
    'links to what exists: %s',
    (link) => {
      expect(() => readFileSync(resolve(ROOT, 'docs', link))).not.toThrow();
    },
  );
});
