import { resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { expect, it } from 'vitest';

/** Bytes, with `@rookery/protocol`, minified and gzipped. */
const LIMIT = 12 * 1024;

it('is small enough for any page', async () => {
  const output = await build({
    configFile: false,
    logLevel: 'silent',
    resolve: { conditions: ['source'] },
    build: {
      write: false,
      minify: true,
      lib: { entry: resolve(import.meta.dirname, 'index.ts'), formats: ['es'] },
    },
  });
  const [bundle] = [output].flat() as { output: { type: string; code?: string }[] }[];
  const code = bundle?.output.map((each) => each.code ?? '').join('') ?? '';
  expect(code).toContain('chat.send');
  expect(code).not.toMatch(/\bfrom\s*["']/);
  expect(gzipSync(code).length).toBeLessThan(LIMIT);
});
