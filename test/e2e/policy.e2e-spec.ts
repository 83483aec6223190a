import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CommandError, RawClient } from '../support/raw-client.js';
import { HttpService, type ServiceRequest } from '../support/http-service.js';
import { TestServer } from '../support/server.js';

const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'ok',
    (error: unknown) => (error as CommandError).data.code,
  );
const text = (to: string, content = 'hello', clientId?: string) => ({
  to,
  kind: 'text' as const,
  content,
  ...(clientId && { clientId }),
});

let clients: RawClient[] = [];
const connectTo = async (server: TestServer, user: string): Promise<RawClient> => {
  const client = await RawClient.connect(server, user);
  clients.push(client);
  return client;
};
afterEach(async () => {
  await Promise.all(clients.map((client) => client.close()));
  clients = [];
});

describe('MESSAGE_POLICY=contacts', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start({ env: { MESSAGE_POLICY: 'contacts', CALL_RING_TIMEOUT: '0.5' } });
  });
  afterAll(() => server.stop());

  it('lets contacts write, type and call, and nobody else but to himself', async () => {
    const [amy, ben] = [await connectTo(server, 'amy'), await connectTo(server, 'ben')];
    expect(await codeOf(amy.call('chat.send', text('ben')))).toBe('refused');
    expect(await codeOf(amy.call('chat.send', text('amy')))).toBe('ok');
    await amy.call('call.offer', { to: 'ben', media: 'audio', payload: 1 });
    expect((await amy.event('call.ended')).data).toMatchObject({ reason: 'timeout' });
    await amy.call('contact.request', { to: 'ben' });
    expect(await codeOf(amy.call('chat.send', text('ben')))).toBe('refused');
    await ben.call('contact.accept', { user: 'amy' });
    expect(await codeOf(amy.call('chat.send', text('ben')))).toBe('ok');
    expect(await codeOf(ben.call('chat.send', text('amy')))).toBe('ok');
    expect(ben.dataOf('call.incoming')).toEqual([]);
    await amy.call('call.offer', { to: 'ben', media: 'audio', payload: 1 });
    await ben.event('call.incoming');
    await ben.call('contact.remove', { user: 'amy' });
    expect(await codeOf(amy.call('chat.send', text('ben')))).toBe('refused');
  });
});

describe('CONTACTS_URL', () => {
  let server: TestServer;
  let service: HttpService;
  const relations = new Map<string, { contact: boolean; blocked: boolean }>();
  beforeAll(async () => {
    service = await HttpService.start(({ url }) => {
      const [user, other] = [url.searchParams.get('user'), url.searchParams.get('other')];
      if (user === 'gone') return { status: 500, body: {} };
      return { body: relations.get(`${user} ${other}`) ?? { contact: false, blocked: false } };
    });
    server = await TestServer.start({
      env: { CONTACTS_URL: service.url, CONTACTS_TTL: '0', CONTACTS_TIMEOUT: '5' },
    });
  });
  afterAll(async () => {
    await server.stop();
    await service.stop();
  });

  it('says who is blocked, for messages, typing and calls', async () => {
    relations.set('ben amy', { contact: false, blocked: true });
    const [amy, ben] = [await connectTo(server, 'amy'), await connectTo(server, 'ben')];
    expect(await codeOf(amy.call('chat.send', text('ben')))).toBe('refused');
    await amy.call('chat.typing', { to: 'ben' });
    await amy.call('call.signal', { to: 'ben', payload: 1 });
    relations.delete('ben amy');
    expect(await codeOf(amy.call('chat.send', text('ben')))).toBe('ok');
    await ben.event('chat.message');
    expect(ben.frames.filter(({ type }) => ['chat.typing', 'call.signal'].includes(type))).toEqual([]);
  });

  it('keeps nobody from trying again when it fails', async () => {
    const amy = await connectTo(server, 'amy');
    const refused = await amy.call('chat.send', text('gone')).catch((error: CommandError) => error.data);
    expect(refused).toMatchObject({ code: 'unavailable', retryable: true });
  });

  it('is not asked about each user when somebody tells everybody something', async () => {
    relations.set('ben amy', { contact: false, blocked: true });
    const [amy, ben] = [await connectTo(server, 'amy'), await connectTo(server, 'ben')];
    const before = service.requests.length;
    await amy.call('chat.broadcast', { kind: 'text', content: 'to all' });
    await ben.event('chat.broadcast');
    relations.delete('ben amy');
    const asked = service.requests.slice(before).filter(({ url }) => url.pathname.endsWith('/relation'));
    expect(asked).toEqual([]);
  });

  it('leaves no commands here that would change anything', async () => {
    const amy = await connectTo(server, 'amy');
    expect(await codeOf(amy.call('contact.block', { user: 'ben' }))).toBe('unknown_command');
  });
});

describe.each(['refuse', 'allow'] as const)('MODERATION_URL, and %s on failure', (onFailure) => {
  const KEY = Buffer.from('a key of twenty-four bytes or more');
  let server: TestServer;
  let service: HttpService;
  let amy: RawClient;
  beforeAll(async () => {
    service = await HttpService.start(() => undefined);
    server = await TestServer.start({
      env: {
        MODERATION_URL: service.url,
        MODERATION_SECRET: `whsec_${KEY.toString('base64')}`,
        MODERATION_TIMEOUT: '3',
        MODERATION_ON_FAILURE: onFailure,
      },
    });
  });
  beforeEach(async () => {
    service.requests.length = 0;
    service.answer = ({ body }) => ({ body: { allow: !body.includes('spam'), reason: 'No advertising' } });
    amy = await connectTo(server, 'amy');
  });
  afterAll(async () => {
    await server.stop();
    await service.stop();
  });

  const isSigned = ({ headers, body }: ServiceRequest): boolean => {
    const [id, time, signature] = ['id', 'timestamp', 'signature'].map((name) => headers[`webhook-${name}`]);
    const expected = createHmac('sha256', KEY).update(`${id}.${time}.${body}`).digest('base64');
    return signature === `v1,${expected}` && Math.abs(Number(time) - Date.now() / 1000) < 60;
  };

  it('is asked about every message, with a signature, and its answer holds', async () => {
    await amy.call('chat.send', text('ben', 'hello', 'm1'));
    expect(service.requests).toHaveLength(1);
    const [request] = service.requests as [ServiceRequest];
    expect([request.method, isSigned(request)]).toEqual(['POST', true]);
    expect(JSON.parse(request.body)).toEqual({
      type: 'message.send',
      timestamp: expect.any(String),
      data: {
        from: 'amy',
        conversation: 'dm:amy:ben',
        to: 'ben',
        kind: 'text',
        content: 'hello',
        clientId: 'm1',
      },
    });
    const refused = await amy
      .call('chat.send', text('ben', 'spam'))
      .catch((error: CommandError) => error.data);
    expect(refused).toEqual({ code: 'refused', message: 'No advertising', retryable: false });
    expect((await amy.call('chat.history', { to: 'ben' })).head).toBe(1);
  });

  it('gives a repeated message the same answer, whatever the service would say now', async () => {
    const first = await amy.call('chat.send', text('cleo', 'fine', 'k1'));
    expect(await codeOf(amy.call('chat.send', text('cleo', 'spam', 'k2')))).toBe('refused');
    service.answer = ({ body }) => ({ body: { allow: body.includes('spam') } });
    expect(await amy.call('chat.send', text('cleo', 'fine', 'k1'))).toEqual({ ...first, duplicate: true });
    expect(await codeOf(amy.call('chat.send', text('cleo', 'spam', 'k2')))).toBe('refused');
    expect(service.requests).toHaveLength(2);
    // Other content is another question.
    expect(await codeOf(amy.call('chat.send', text('cleo', 'more spam', 'k2')))).toBe('ok');
  });

  it.each<[string, () => ReturnType<HttpService['answer']>]>([
    ['no answer in time', () => undefined],
    ['a failure', () => ({ status: 500, body: { allow: true } })],
    ['no verdict', () => ({ body: { verdict: 'fine' } })],
    ['no JSON', () => ({ body: 'yes' })],
  ])('does what the setting says on %s', async (name, answer) => {
    service.answer = answer;
    const message = text('dan', name, `f-${name.replaceAll(' ', '-')}`);
    const sent = await amy.call('chat.send', message).catch((error: CommandError) => error.data);
    service.answer = () => ({ body: { allow: true } });
    const again = await amy.call('chat.send', message);
    const outcome =
      'code' in sent ? [sent.code, sent.retryable, again.duplicate] : { ...sent, duplicate: true };
    expect(outcome).toEqual(onFailure === 'refuse' ? ['unavailable', true, false] : again);
    // Asked again is what was refused for want of an answer, and by the same name.
    const ids = service.requests.map(({ headers }) => headers['webhook-id']);
    expect([ids.length, new Set(ids).size]).toEqual([onFailure === 'refuse' ? 2 : 1, 1]);
  });
});
