import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type AttachmentStore,
  LocalAttachmentStore,
  S3AttachmentStore,
} from '../../src/attachments/index.js';
import { attachmentsUrl } from '../../src/config/attachments-url.js';
import { S3Proxy } from '../support/s3proxy.js';

const jar = S3Proxy.jar();
let folder: string;
let s3: S3Proxy | undefined;

beforeAll(async () => {
  s3 = jar ? await S3Proxy.start(jar) : undefined;
});
afterAll(() => s3?.stop());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rookery-attachments-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function s3Store(url: string): S3AttachmentStore {
  const location = attachmentsUrl().parse(url);
  if (location.type !== 's3') throw new Error('Not an S3 address');
  return new S3AttachmentStore(location);
}

describe.each([
  ['a folder', true, () => new LocalAttachmentStore(join(folder, 'kept'))],
  ['S3', jar !== undefined, () => s3Store(s3?.url() ?? '')],
] as const)('AttachmentStore in %s', (_, available, make) => {
  let store: AttachmentStore;

  beforeEach(async ({ skip }) => {
    if (!available) skip('NOT RUN: S3');
    store = make();
    await store.check();
  });

  async function put(key: string, content: Buffer): Promise<void> {
    const path = join(folder, 'incoming');
    writeFileSync(path, content);
    const sha256 = createHash('sha256').update(content).digest('hex');
    await store.put(key, path, { size: content.length, sha256 });
  }

  const read = async (key: string, first?: number, last?: number): Promise<Buffer | undefined> => {
    const range = first === undefined || last === undefined ? undefined : { first, last };
    const stream = await store.open(key, range);
    return stream && buffer(stream);
  };

  it('gives back what was put, whole or in part', async () => {
    const content = Buffer.from(Array.from({ length: 300_000 }, (_each, index) => index % 251));
    await put('a-1', content);
    expect(await read('a-1')).toEqual(content);
    expect(await read('a-1', 0, 0)).toEqual(content.subarray(0, 1));
    expect(await read('a-1', 1000, 200_000)).toEqual(content.subarray(1000, 200_001));
    expect(await read('a-1', 299_999, 299_999)).toEqual(content.subarray(299_999));
  });

  it('overwrites, deletes, and knows what is not there', async () => {
    await put('b-1', Buffer.from('first'));
    await put('b-1', Buffer.from('second, longer'));
    expect(String(await read('b-1'))).toBe('second, longer');
    await store.delete('b-1');
    await store.delete('b-1');
    expect(await read('b-1')).toBeUndefined();
    expect(await read('never-put')).toBeUndefined();
  });

  it('keeps many apart at the same time', async () => {
    const keys = Array.from({ length: 20 }, (_each, index) => `c-${index}`);
    for (const key of keys) await put(key, Buffer.from(key.repeat(1000)));
    const found = await Promise.all(keys.map((key) => read(key)));
    expect(found.map(String)).toEqual(keys.map((key) => key.repeat(1000)));
  });
});

describe('a place that cannot be used', () => {
  it('is said at the check: a file where the folder should be', async () => {
    const path = join(folder, 'taken');
    writeFileSync(path, '');
    await expect(new LocalAttachmentStore(join(path, 'below')).check()).rejects.toMatchObject({
      code: 'ENOTDIR',
    });
    expect(existsSync(join(path, 'below'))).toBe(false);
  });

  it.skipIf(!jar)('is said at the check: a wrong key, an absent bucket, nobody there', async () => {
    const url = s3?.url() ?? '';
    for (const wrong of [
      s3?.url('wrong') ?? '',
      url.replace('/attachments', '/absent'),
      url.replace(/:\d+\//, ':1/'),
    ])
      await expect(s3Store(wrong).check()).rejects.toMatchObject({ code: 'unavailable' });
  });
});
