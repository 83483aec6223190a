import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RawClient, tokenFor } from '../support/raw-client.js';
import { exchange, openSocket } from '../support/raw-http.js';
import { S3Proxy } from '../support/s3proxy.js';
import { TestServer } from '../support/server.js';
import { stores, type FreshStore } from '../support/stores.js';

/** A picture of one pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const LIMIT = 300_000;
const PATH = '/api/v1/attachments';
const jar = S3Proxy.jar();

const places = [
  ...stores().map(({ name, open }) => ({ name: `${name} and a folder`, open, s3: false })),
  ...(jar
    ? [
        {
          name: 'SQLite and S3',
          open: async (): Promise<FreshStore> => ({ dispose: async () => undefined }),
          s3: true,
        },
      ]
    : []),
];

describe.each(places)('attachments on $name', ({ open, s3 }) => {
  let store: FreshStore;
  let server: TestServer;
  let bucket: S3Proxy | undefined;

  beforeAll(async () => {
    store = await open();
    bucket = s3 && jar ? await S3Proxy.start(jar) : undefined;
    server = await TestServer.start({
      databaseUrl: store.databaseUrl,
      env: {
        ATTACHMENT_MAX_SIZE: String(LIMIT),
        ATTACHMENT_MAX_PENDING: String(LIMIT * 2),
        ATTACHMENT_TYPES: 'image/*,text/plain,application/octet-stream',
        ...(bucket && { ATTACHMENTS_URL: bucket.url() }),
      },
    });
  });
  afterAll(async () => {
    await server?.stop();
    await bucket?.stop();
    await store?.dispose();
  });
  const call = (user: string | undefined, method: string, path: string, init: RequestInit = {}) =>
    fetch(server.url + path, {
      ...init,
      method,
      headers: { ...(user && { Authorization: `Bearer ${tokenFor(user)}` }), ...init.headers },
    });
  const upload = async (user: string, body: Buffer, type = 'image/png', query = '?name=dot.png') => {
    const headers = { 'Content-Type': type };
    const response = await call(user, 'POST', PATH + query, { headers, body: new Uint8Array(body) });
    return {
      status: response.status,
      json: (await response.json()) as Record<string, string> & { size: number },
    };
  };
  const bytesOf = async (response: Response): Promise<Buffer> => Buffer.from(await response.arrayBuffer());

  it('are stored, sent in a message, and read by those who see it, and by nobody else', async () => {
    const { status, json: file } = await upload('alice', PNG);
    expect(status).toBe(201);
    expect(file).toEqual({
      id: expect.any(String),
      url: `${PATH}/${file.id}`,
      name: 'dot.png',
      mime: 'image/png',
      size: PNG.length,
    });
    expect((await call('bob', 'GET', file.url ?? '')).status).toBe(404);
    const [alice, bob] = await Promise.all([
      RawClient.connect(server, 'alice'),
      RawClient.connect(server, 'bob'),
    ]);
    await alice.call('chat.send', { to: 'bob', kind: 'image', content: contentOf(file) });
    const event = await bob.event('chat.message');
    expect(event.data).toMatchObject({ content: { url: file.url } });
    for (const user of ['alice', 'bob']) {
      const response = await call(user, 'GET', file.url ?? '');
      expect(response.status).toBe(200);
      expect(await bytesOf(response)).toEqual(PNG);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'content-type': 'image/png',
        'content-disposition': `inline; filename="dot.png"; filename*=UTF-8''dot.png`,
        'content-length': String(PNG.length),
        'x-content-type-options': 'nosniff',
        etag: `"${createHash('sha256').update(PNG).digest('hex')}"`,
      });
    }
    const [foreign, absent] = await Promise.all([
      call('eve', 'GET', file.url ?? ''),
      call('eve', 'GET', `${PATH}/00000000-0000-7000-8000-000000000000`),
    ]);
    const answer = async (response: Response) => ({
      status: response.status,
      ...((await response.json()) as object),
      requestId: 0,
    });
    expect(await answer(foreign)).toEqual(await answer(absent));
    expect((await call(undefined, 'GET', file.url ?? '')).status).toBe(401);
    expect((await call('bob', 'DELETE', file.url ?? '')).status).toBe(403);
    expect((await call('alice', 'DELETE', file.url ?? '')).status).toBe(409);
    await Promise.all([alice.close(), bob.close()]);
  });

  it('are given in ranges, and not at all to who has them already', async () => {
    const content = randomBytes(100_000);
    const { json: file } = await upload('rita', content, 'application/octet-stream');
    const get = (headers: Record<string, string>) => call('rita', 'GET', file.url ?? '', { headers });
    const part = await get({ Range: 'bytes=1000-1999' });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 1000-1999/100000']);
    expect(await bytesOf(part)).toEqual(content.subarray(1000, 2000));
    expect(await bytesOf(await get({ Range: 'bytes=-10' }))).toEqual(content.subarray(-10));
    expect(await bytesOf(await get({ Range: 'bytes=99990-' }))).toEqual(content.subarray(99_990));
    const beyond = await get({ Range: 'bytes=100000-' });
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */100000']);
    const other = await get({ Range: 'bytes=0-9', 'If-Range': '"other"' });
    expect([other.status, (await bytesOf(other)).length]).toEqual([200, 100_000]);
    expect(
      (await get({ 'If-None-Match': other.headers.get('etag') ?? '', 'Cache-Control': 'max-age=0' })).status,
    ).toBe(304);
    const head = await call('rita', 'HEAD', file.url ?? '');
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '100000']);
  });

  it('come in forms as well, whatever they are called', async () => {
    const form = new FormData();
    form.set('file', new Blob([PNG], { type: 'text/html' }), '../../etc/ü;b\u202egnp.png');
    const response = await call('fay', 'POST', PATH, { body: form });
    const file = (await response.json()) as { name: string; mime: string; url: string };
    expect([response.status, file.mime, file.name]).toEqual([201, 'image/png', 'ü;bgnp.png']);
    const download = await call('fay', 'GET', file.url);
    expect(download.headers.get('content-disposition')).toBe(
      `inline; filename="_;bgnp.png"; filename*=UTF-8''%C3%BC%3Bbgnp.png`,
    );
  });

  it('refuse what is too large, empty, broken or not wanted', async () => {
    expect(await upload('tom', randomBytes(LIMIT + 1))).toMatchObject({
      status: 413,
      json: { code: 'too_large' },
    });
    const head = `POST ${PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tokenFor('tom')}\r\n`;
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    const unsized = await exchange(server, `${head}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(6)}`);
    expect(unsized?.status).toBe(413);
    expect(await upload('tom', Buffer.alloc(0))).toMatchObject({ status: 400, json: { code: 'invalid' } });
    expect(await upload('tom', Buffer.from('%PDF-1.7\n'), 'image/png')).toMatchObject({
      status: 403,
      json: { code: 'refused' },
    });
    expect(await upload('tom', PNG, 'image/png', '?nome=x')).toMatchObject({
      status: 400,
      json: { code: 'invalid' },
    });
    const noForm = await upload('tom', Buffer.from('--x\r\n'), 'multipart/form-data; boundary=x');
    expect(noForm).toMatchObject({ status: 400, json: { code: 'invalid' } });
    const noBoundary = await upload('tom', Buffer.from('--x\r\n'), 'multipart/form-data');
    expect(noBoundary).toMatchObject({ status: 400, json: { code: 'invalid' } });
    const cut = `${head}Content-Length: 1000\r\n\r\nhalf`;
    const socket = await openSocket(server);
    socket.end(cut);
    socket.resume();
    await once(socket, 'close');
  });

  it('may be JSON, which is a file here and no body of a call', async () => {
    const json = Buffer.from('{"__proto__": [1]}');
    const { status, json: file } = await upload('jan', json, 'application/json', '?name=x.json');
    expect([status, file.code]).toEqual([403, 'refused']);
    const plain = await upload('jan', json, 'text/plain', '?name=x.json');
    expect(await bytesOf(await call('jan', 'GET', plain.json.url ?? ''))).toEqual(json);
  });

  it('claim no picture without being one, and are saved, not shown, when a page could run in them', async () => {
    const html = Buffer.from('<!doctype html><script>alert(1)</script>');
    const { json: claimed } = await upload('mallory', html, 'image/png', '?name=x.png');
    expect(claimed.mime).toBe('application/octet-stream');
    const download = await call('mallory', 'GET', claimed.url ?? '');
    expect(download.headers.get('content-disposition')).toMatch(/^attachment;/);
    expect(download.headers.get('content-security-policy')).toContain('sandbox');
    expect((await upload('mallory', html, 'text/html')).status).toBe(403);
  });

  it('bound what a user uploads without sending it', async () => {
    const big = randomBytes(LIMIT);
    const statuses = [];
    for (let i = 0; i < 3; i++)
      statuses.push((await upload('hoarder', big, 'application/octet-stream')).status);
    expect(statuses).toEqual([201, 201, 403]);
  });

  it('bound it also for uploads at the same time, and for files that are nearly nothing', async () => {
    const big = randomBytes(LIMIT);
    const together = Array.from({ length: 5 }, () => upload('hurried', big, 'application/octet-stream'));
    const statuses = (await Promise.all(together)).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([201, 201, 403, 403, 403]);
    const room = Math.floor((LIMIT * 2) / 4096);
    for (let n = 0; n < room; n++) expect((await upload('mincer', PNG)).status).toBe(201);
    expect(await upload('mincer', PNG)).toMatchObject({ status: 403, json: { code: 'refused' } });
  });

  it('are taken in from others while one uploads as much as he may, and never ends', async () => {
    const head = `POST ${PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tokenFor('sloth')}\r\n`;
    const sockets = await Promise.all(Array.from({ length: 60 }, () => openSocket(server)));
    const answers: string[] = [];
    for (const socket of sockets) {
      socket.on('data', (chunk) => answers.push(String(chunk)));
      socket.write(`${head}Content-Length: 1000\r\n\r\nhalf`);
    }
    // Each of them has been looked at: what is not refused by now holds a place.
    await expect.poll(() => answers).toHaveLength(55);
    for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 429 [^]*"code":"rate_limited"/);
    expect((await upload('swift', PNG)).status).toBe(201);
    for (const socket of sockets) socket.destroy();
    await expect.poll(async () => (await upload('sloth', PNG)).status).toBe(201);
  });

  it('are given to nobody any more when their message is recalled, but in other messages', async () => {
    const [{ json: file }, { json: other }] = [await upload('uma', PNG), await upload('uma', PNG)];
    const uma = await RawClient.connect(server, 'uma');
    const send = (to: string, { url }: Record<string, unknown>) =>
      uma.call('chat.send', { to, kind: 'image', content: { url: url as string } });
    const { conversation, seq } = await send('vic', file);
    await send('vic', other);
    await send('wes', file);
    const read = async (user: string, { url }: Record<string, unknown>) =>
      (await call(user, 'GET', url as string)).status;
    expect([await read('vic', file), await read('wes', file)]).toEqual([200, 200]);
    await uma.call('chat.recall', { conversation, seq });
    expect([await read('vic', file), await read('vic', other), await read('wes', file)]).toEqual([
      404, 200, 200,
    ]);
    await uma.close();
  });

  it('cannot be sent by who does not see them, and can be sent on by who does', async () => {
    const { json: file } = await upload('ann', PNG);
    const [ann, ben, cat] = await Promise.all(
      ['ann', 'ben', 'cat'].map((user) => RawClient.connect(server, user)),
    );
    const message = { kind: 'image' as const, content: contentOf(file) };
    await expect(ben?.call('chat.send', { to: 'cat', ...message })).rejects.toMatchObject({
      data: { code: 'not_found' },
    });
    await ann?.call('chat.send', { to: 'ben', ...message });
    expect((await call('cat', 'GET', file.url ?? '')).status).toBe(404);
    await ben?.call('chat.send', { to: 'cat', ...message });
    expect((await call('cat', 'GET', file.url ?? '')).status).toBe(200);
    await Promise.all([ann?.close(), ben?.close(), cat?.close()]);
  });
});

describe('attachments that no message refers to', () => {
  let server: TestServer;
  afterAll(() => server?.stop());

  it('are removed after a while, those in messages are kept', async () => {
    server = await TestServer.start({ env: { ATTACHMENT_ORPHAN_AFTER: '4' } });
    const headers = { Authorization: `Bearer ${tokenFor('alice')}`, 'Content-Type': 'image/png' };
    const make = async () =>
      (await (await fetch(server.url + PATH, { method: 'POST', headers, body: PNG })).json()) as {
        url: string;
      };
    const kept = await make();
    const alice = await RawClient.connect(server, 'alice');
    await alice.call('chat.send', { to: 'bob', kind: 'image', content: { url: kept.url } });
    const orphan = await make();
    const folder = join(server.directory, 'data/attachments');
    expect(filesBelow(folder)).toHaveLength(2);
    while (filesBelow(folder).length > 1) await new Promise((resolve) => setTimeout(resolve, 50));
    const status = async (url: string) => (await fetch(server.url + url, { headers })).status;
    expect([await status(kept.url), await status(orphan.url)]).toEqual([200, 404]);
    await expect(
      alice.call('chat.send', { to: 'bob', kind: 'image', content: { url: orphan.url } }),
    ).rejects.toMatchObject({ data: { code: 'not_found' } });

    // With its message goes the file, and a repetition of the message is one all the same.
    const message = { to: 'bob', kind: 'image' as const, content: { url: kept.url }, clientId: 'once' };
    const { conversation, seq } = await alice.call('chat.send', message);
    await alice.call('chat.recall', { conversation, seq: 1 });
    await alice.call('chat.recall', { conversation, seq });
    await expect.poll(() => filesBelow(folder)).toEqual([]);
    expect(await alice.call('chat.send', message)).toMatchObject({ seq, duplicate: true });
    await alice.close();
  });
});

const contentOf = ({ url, name, mime, size }: Record<string, unknown>) => ({ url, name, mime, size });

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
}
