import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const FOLDERS = ['docs', 'examples', 'packages/client', 'packages/protocol', 'bench'];

const documents = [
  ...readdirSync(ROOT),
  ...FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  ),
].filter((path) => path.endsWith('.md') && !path.includes('node_modules'));

const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** As GitHub names headings. */
const slug = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_\- ]/gu, '')
    .replaceAll(' ', '-');

function anchorsOf(path: string): Set<string> {
  const text = textOf(path);
  const headings = [...text.matchAll(/^#+ +(.+)$/gm)].map(([, heading = '']) => slug(heading.trim()));
  return new Set([...headings, ...[...text.matchAll(/<a name="([^"]+)"/g)].map(([, name = '']) => name)]);
}

/** Links to other parts of this repository that lead nowhere. */
function brokenLinks(document: string): string[] {
  const prose = textOf(document).replace(/^```[^]*?^```/gm, '');
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? document : join(dirname(document), path);
    if (path.startsWith('/') || !existsSync(join(ROOT, target))) return true;
    return anchor !== undefined && target.endsWith('.md') && !anchorsOf(target).has(anchor);
  });
}

describe('links between documents', () => {
  it.each(documents)('of %s lead somewhere', (document) => expect(brokenLinks(document)).toEqual([]));

  it.each(['docs/protocol.md', 'docs/operations.md', 'docs/extending.md'])(
    'and no paragraph of %s stands there twice',
    (document) => {
      const paragraphs = textOf(document)
        .split('\n')
        .filter((line) => /^[\w*`]/.test(line) && line.length > 120)
        .map((line) => line.slice(0, 40));
      expect(paragraphs.filter((line, index) => paragraphs.indexOf(line) !== index)).toEqual([]);
    },
  );
});
