import { describe, expect, it } from 'vitest';
import type { ChatMessage, Contact, ContactChange, ContactState } from '@rookery/protocol';
import { DialectStage } from '../support/dialect-stage.js';
import { CommandError, RawClient, tokenFor } from '../support/raw-client.js';
import { stores } from '../support/stores.js';
import { useServer } from '../support/use-server.js';

describe.each(stores())('contacts on $name', ({ open }) => {
  let pairs = 0;
  const stage = useServer({ open });

  const { connect } = stage;
  /** Two users whom no other test knows. */
  const pair = async (): Promise<[RawClient, RawClient, string, string]> => {
    const names = ['a', 'b'].map((name) => `${name}${++pairs}`) as [string, string];
    const [a, b] = await Promise.all(names.map((name) => connect(name)));
    return [a!, b!, ...names];
  };
  const text = (to: string, content = 'hello') => ({ to, kind: 'text' as const, content });
  const codeOf = (call: Promise<unknown>): Promise<string> =>
    call.then(
      () => 'ok',
      (error: unknown) => (error as CommandError).data.code,
    );
  const changes = (client: RawClient) =>
    client
      .dataOf<ContactChange>('contact.changed')
      .map(({ change, by, user, status, blocked }) => [change, by, user, status, blocked]);
  const views = async (client: RawClient) => {
    const found: Record<string, string[]> = {};
    for (const view of ['contacts', 'incoming', 'outgoing', 'blocked'] as const)
      found[view] = (await client.call('contact.list', { view })).contacts.map(({ user }) => user);
    return found;
  };
  const rest = async (method: string, path: string, user: string, role?: string, body?: object) => {
    const response = await fetch(`${stage.server.url}/api/v1/contacts${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${tokenFor(user, { role })}`,
        ...(body && { 'Content-Type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: response.status, json: (await response.json()) as any };
  };

  it('are asked, told on every device, and accepted', async () => {
    const [amy, ben, a, b] = await pair();
    const phone = await connect(b);
    const asked = await amy.call('contact.request', { to: b, message: 'Hi, it is me' });
    expect(asked).toEqual({ user: b, status: 'outgoing', blocked: false });
    const told = await Promise.all([ben, phone].map((client) => client.event('contact.changed')));
    for (const { data } of told)
      expect(data).toMatchObject({
        conversation: `inbox:${b}`,
        seq: 1,
        user: a,
        status: 'incoming',
        change: 'request',
        by: a,
        message: 'Hi, it is me',
      });
    expect((await ben.call('contact.list', { view: 'incoming' })).contacts).toEqual([
      { user: a, status: 'incoming', blocked: false, message: 'Hi, it is me', time: expect.any(Number) },
    ]);
    expect(await ben.call('contact.accept', { user: a })).toEqual({
      user: a,
      status: 'contact',
      blocked: false,
    });
    await amy.until(() => changes(amy).length === 2);
    expect(changes(amy)).toEqual([
      ['request', a, b, 'outgoing', false],
      ['accept', b, b, 'contact', false],
    ]);
    await phone.until(() => changes(phone).length === 2);
    expect(await views(amy)).toEqual({ contacts: [b], incoming: [], outgoing: [], blocked: [] });
    expect(await views(ben)).toEqual({ contacts: [a], incoming: [], outgoing: [], blocked: [] });
    const [line] = (await amy.call('contact.list', {})).contacts;
    expect(line).not.toHaveProperty('message');
  });

  it('are told to who was away, and stand in the history of his inbox', async () => {
    const amy = await connect('away-a');
    await amy.call('contact.request', { to: 'away-b' });
    const ben = await connect('away-b', { query: { device: 'd' } });
    await ben.event('chat.synced');
    expect(changes(ben)).toEqual([['request', 'away-a', 'away-a', 'incoming', false]]);
    const { messages } = await ben.call('chat.history', { conversation: 'inbox:away-b' });
    expect(messages).toMatchObject([{ event: 'contact.changed', change: 'request', user: 'away-a' }]);
    expect((await ben.call('chat.sync', {})).conversations.map(({ kind }) => kind)).toEqual(['inbox']);
  });

  it('may be repeated', async () => {
    const [amy, ben, a, b] = await pair();
    for (let n = 0; n < 2; n++) await amy.call('contact.request', { to: b });
    for (let n = 0; n < 2; n++) await ben.call('contact.accept', { user: a });
    for (let n = 0; n < 2; n++) await amy.call('contact.remove', { user: b });
    for (let n = 0; n < 2; n++) await amy.call('contact.block', { user: b });
    for (let n = 0; n < 2; n++) await amy.call('contact.unblock', { user: b });
    await amy.until(() => changes(amy).length >= 5);
    await amy.call('ping');
    expect(changes(amy).map(([change]) => change)).toEqual([
      'request',
      'accept',
      'remove',
      'block',
      'unblock',
    ]);
    await ben.call('ping');
    expect(changes(ben).map(([change]) => change)).toEqual(['request', 'accept', 'remove']);
    expect(await codeOf(ben.call('contact.accept', { user: a }))).toBe('not_found');
    expect(await codeOf(ben.call('contact.request', { to: b }))).toBe('invalid');
  });

  it('have names of their own in each list, which outlive a block', async () => {
    const [amy, , a, b] = await pair();
    expect(await codeOf(amy.call('contact.remark', { user: b, remark: 'Benny' }))).toBe('not_found');
    await rest('PUT', `/${b}?user=${a}`, 'root', 'admin');
    await amy.call('contact.remark', { user: b, remark: 'Bénny 🐦' });
    await amy.call('contact.block', { user: b });
    await amy.call('contact.unblock', { user: b });
    const remark = async () => (await amy.call('contact.list', {})).contacts.map((line) => line.remark);
    expect(await remark()).toEqual(['Bénny 🐦']);
    expect(amy.dataOf<ContactChange>('contact.changed').map((each) => each.remark)).toContain('Bénny 🐦');
    await amy.call('contact.remark', { user: b, remark: '' });
    expect(await remark()).toEqual([undefined]);
  });

  it('are listed in pages', async () => {
    const names = Array.from({ length: 7 }, (_, n) => `page-${n}`);
    for (const name of names) await rest('PUT', `/${name}?user=pager`, 'root', 'admin');
    const pager = await connect('pager');
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const { contacts, next } = await pager.call('contact.list', { limit: 3, ...(cursor && { cursor }) });
      seen.push(...contacts.map(({ user }) => user));
      cursor = next ?? undefined;
    } while (cursor);
    expect(seen).toEqual(names);
  });

  it('are others: who names himself is told in which field', async () => {
    const [amy, , a] = await pair();
    for (const [command, data, field] of [
      ['contact.request', { to: a }, 'to'],
      ['contact.accept', { user: a }, 'user'],
      ['contact.block', { user: a }, 'user'],
    ] as const) {
      const refusal = await amy.call(command, data as never).catch((error: unknown) => error);
      expect((refusal as CommandError).data).toMatchObject({ code: 'invalid', details: [{ field }] });
    }
  });

  it('are kept over REST too, by the user himself and by a service for him', async () => {
    const [a, b] = ['rest:a', 'rest b'].map(encodeURIComponent) as [string, string];
    expect(await rest('POST', `/${b}/request`, 'rest:a', undefined, { message: 'x' })).toEqual({
      status: 200,
      json: { user: 'rest b', status: 'outgoing', blocked: false },
    });
    expect((await rest('GET', '?view=incoming', 'rest b')).json.contacts).toMatchObject([
      { user: 'rest:a', message: 'x' },
    ]);
    expect((await rest('PUT', `/${a}/accept?user=${b}`, 'mallory')).status).toBe(403);
    expect((await rest('PUT', `/${a}?user=${b}`, 'rest b')).status).toBe(403);
    expect((await rest('PUT', `/${a}/accept?user=${b}`, 'shop', 'admin')).json.status).toBe('contact');
    expect((await rest('PUT', `/${a}/remark?user=${b}`, 'shop', 'admin', { remark: 'R' })).status).toBe(200);
    const { json } = await rest('GET', `?user=${b}`, 'shop', 'admin');
    expect(json).toEqual({
      contacts: [
        { user: 'rest:a', status: 'contact', blocked: false, remark: 'R', time: expect.any(Number) },
      ],
      next: null,
    });
    expect((await rest('PUT', `/${a}/nothing`, 'rest b')).status).toBe(400);
    expect((await rest('DELETE', `/${a}`, 'rest b')).json).toMatchObject({ status: 'none' });
    expect((await rest('PUT', `/${a}/accept`, 'rest b')).status).toBe(404);
  });

  describe('at the same moment', () => {
    const ROUNDS = 40;

    /** Both must end the same way in what they were answered last, in both lists, and in what they were told last. */
    async function assertConsistent(amy: RawClient, ben: RawClient, a: string, b: string): Promise<string> {
      const line = async (client: RawClient, other: string): Promise<ContactState> => {
        const lists = await Promise.all(
          (['contacts', 'incoming', 'outgoing', 'blocked'] as const).map((view) =>
            client.call('contact.list', { view }),
          ),
        );
        const found = lists.flatMap(({ contacts }) => contacts).find(({ user }) => user === other);
        const { status, blocked } = found ?? ({ status: 'none', blocked: false } as Contact);
        return { user: other, status, blocked };
      };
      const told = (client: RawClient) => {
        const last = client.dataOf<ContactChange>('contact.changed').at(-1);
        return last && { user: last.user, status: last.status, blocked: last.blocked };
      };
      const [mine, theirs] = [await line(amy, b), await line(ben, a)];
      await amy.until(() => JSON.stringify(told(amy) ?? mine) === JSON.stringify(mine));
      await ben.until(() => JSON.stringify(told(ben) ?? theirs) === JSON.stringify(theirs));
      const statuses = [mine.status, theirs.status].sort().join();
      expect(['contact,contact', 'none,none', 'incoming,outgoing']).toContain(statuses);
      return mine.status;
    }

    it('asked by both, they are contacts', async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const [amy, ben, a, b] = await pair();
        await Promise.all([amy.call('contact.request', { to: b }), ben.call('contact.request', { to: a })]);
        expect(await assertConsistent(amy, ben, a, b)).toBe('contact');
      }
    });

    it('accepted and taken back, both know the same', async () => {
      const ends = new Set<string>();
      for (let round = 0; round < ROUNDS; round++) {
        const [amy, ben, a, b] = await pair();
        await amy.call('contact.request', { to: b });
        const accept = () => codeOf(ben.call('contact.accept', { user: a }));
        const remove = () => codeOf(amy.call('contact.remove', { user: b }));
        const [accepted] = await Promise.all(
          round % 2 ? [accept(), remove()] : [remove(), accept()].reverse(),
        );
        ends.add(accepted!);
        expect(await assertConsistent(amy, ben, a, b)).toBe('none');
      }
      expect([...ends].every((end) => ['ok', 'not_found'].includes(end))).toBe(true);
    });

    it('accepted and blocked, the block holds', async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const [amy, ben, a, b] = await pair();
        await amy.call('contact.request', { to: b });
        const calls = [
          () => codeOf(ben.call('contact.accept', { user: a })),
          () => codeOf(amy.call('contact.block', { user: b })),
        ];
        await Promise.all((round % 2 ? calls : calls.reverse()).map((call) => call()));
        await assertConsistent(amy, ben, a, b);
        expect((await views(amy)).blocked).toEqual([b]);
        expect(await codeOf(ben.call('chat.send', text(a)))).toBe('refused');
      }
    });
  });

  describe('a block', () => {
    it('refuses every message of the blocked in the direct chat, in whatever way, and nothing else', async () => {
      const [amy, ben, a, b] = await pair();
      await ben.call('chat.send', text(a, 'before'));
      await amy.call('contact.block', { user: b });
      const refused = await ben.call('chat.send', text(a)).catch((error: CommandError) => error.data);
      expect(refused).toEqual({
        code: 'refused',
        message: 'This user does not accept messages from you',
        retryable: false,
      });
      const conversation = [a, b].sort().reduce((first, second) => `dm:${first}:${second}`);
      expect(await codeOf(ben.call('chat.send', { conversation, kind: 'text', content: 'x' }))).toBe(
        'refused',
      );
      expect(await codeOf(ben.call('chat.edit', { to: a, seq: 1, content: 'edited' }))).toBe('refused');
      expect(await codeOf(ben.call('chat.react', { to: a, seq: 1, emoji: '👍' }))).toBe('refused');
      const onBehalf = await fetch(`${stage.server.url}/api/v1/messages`, {
        method: 'POST',
        headers: {
          Authorization: `Bearer ${tokenFor('root', { role: 'admin' })}`,
          'Content-Type': 'application/json',
        },
        body: JSON.stringify({ from: b, ...text(a) }),
      });
      expect(onBehalf.status).toBe(403);
      // Who blocks may go on writing, and what was there stays.
      await amy.call('chat.send', text(b, 'to the blocked'));
      const { messages, head } = await ben.call('chat.history', { to: a });
      expect([head, messages.map((each) => (each as ChatMessage).content)]).toEqual([
        2,
        ['before', 'to the blocked'],
      ]);
      expect(await codeOf(ben.call('contact.request', { to: a }))).toBe('refused');
      await ben.call('chat.typing', { to: a });
      await amy.call('ping');
      expect(amy.dataOf('chat.typing')).toEqual([]);
      // The blocked is told nothing.
      expect(changes(ben)).toEqual([]);
      await amy.call('contact.unblock', { user: b });
      await ben.call('chat.send', text(a, 'after'));
      await ben.call('chat.typing', { to: a });
      await amy.event('chat.typing');
    });

    it('holds for what the blocked tells everybody, in whatever format, and for nobody else', async () => {
      const [amy, ben, a, b] = await pair();
      const dialects = DialectStage.around(stage.server);
      const [phone, cid] = [await dialects.connect('melody', a), await connect('cid')];
      const heard = (): unknown[] =>
        amy.dataOf<{ content: unknown }>('chat.broadcast').map(({ content }) => content);
      await amy.call('contact.block', { user: b });
      await ben.call('chat.broadcast', { kind: 'text', content: 'from the blocked' });
      const melody = await dialects.connect('melody', b);
      melody.send({ type: 'chat', content: 'from the blocked, too' });
      await cid.until(() => cid.dataOf('chat.broadcast').length === 2);
      await cid.call('chat.broadcast', { kind: 'text', content: 'from another' });
      await amy.until(() => heard().includes('from another'));
      await phone.frame(({ content }) => content === 'from another');
      expect(heard()).toEqual(['from another']);
      expect(phone.frames.map(({ content }) => content)).toEqual(['from another']);
      // Who blocks is heard by the blocked, and again the other way once the block is lifted.
      await amy.call('chat.broadcast', { kind: 'text', content: 'from who blocks' });
      await ben.until(() => ben.dataOf('chat.broadcast').length === 4);
      await amy.call('contact.unblock', { user: b });
      await ben.call('chat.broadcast', { kind: 'text', content: 'heard again' });
      await amy.until(() => heard().includes('heard again'));
      await dialects.disconnectAll();
    });

    it('before the first message leaves no trace for the blocked', async () => {
      const [amy, ben, a, b] = await pair();
      await amy.call('contact.block', { user: b });
      expect(await codeOf(ben.call('chat.send', text(a)))).toBe('refused');
      expect((await ben.call('chat.sync', {})).conversations).toEqual([]);
      expect(await ben.call('chat.history', { to: a })).toMatchObject({ head: 0, messages: [] });
    });

    it('answers the repetition of a message that was stored before', async () => {
      const [amy, ben, a, b] = await pair();
      const first = await ben.call('chat.send', { ...text(a), clientId: 'k' });
      await amy.call('contact.block', { user: b });
      expect(await ben.call('chat.send', { ...text(a), clientId: 'k' })).toEqual({
        ...first,
        duplicate: true,
      });
    });

    it('outlives the server', async () => {
      const [amy, , a, b] = await pair();
      await amy.call('contact.block', { user: b });
      await stage.server.kill();
      await stage.server.restart();
      const ben = await connect(b);
      expect(await codeOf(ben.call('chat.send', text(a)))).toBe('refused');
      await ben.call('chat.typing', { to: a });
    });

    it('is exact: once it is acknowledged nothing more is stored', async () => {
      for (let round = 0; round < 30; round++) {
        const [amy, ben, a, b] = await pair();
        await ben.call('chat.send', text(a, 'first'));
        const sends: Promise<string>[] = [];
        const send = (): void => void sends.push(codeOf(ben.call('chat.send', text(a, 'x'))));
        for (let n = 0; n < 10; n++) send();
        const blocking = amy.call('contact.block', { user: b });
        for (let n = 0; n < 30; n++) send();
        await blocking;
        const { head } = await amy.call('chat.history', { to: b });
        for (let n = 0; n < 10; n++) send();
        const codes = await Promise.all(sends);
        expect((await amy.call('chat.history', { to: b })).head).toBe(head);
        // One after another, stored up to the block and refused from there on.
        expect(codes.slice(head - 1).every((code) => code === 'refused')).toBe(true);
        expect(codes.slice(0, head - 1).every((code) => code === 'ok')).toBe(true);
      }
    });
  });
});
