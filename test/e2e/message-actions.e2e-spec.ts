import { describe, expect, it } from 'vitest';
import type { ChatMessage, HistoryEntry, MessageEdited } from '@rookery/protocol';
import { CommandError, RawClient, tokenFor, type ConnectOptions } from '../support/raw-client.js';
import { TestServer } from '../support/server.js';
import { stores } from '../support/stores.js';
import { useServer } from '../support/use-server.js';

const code = (outcome: Promise<unknown>): Promise<string> =>
  outcome.then(
    () => 'ok',
    (error: unknown) => (error as CommandError).data.code,
  );

describe.each(stores())('what is done to messages, on $name', ({ open }) => {
  let users = 0;
  const stage = useServer({ open });

  const connect = async (user: string, options?: ConnectOptions): Promise<RawClient> => {
    const client = await stage.connect(user, options);
    await client.event('chat.synced');
    return client;
  };
  /** Two users who never met. */
  const pair = async (): Promise<[RawClient, RawClient]> => {
    users++;
    return [await connect(`a${users}`), await connect(`b${users}`)];
  };
  const say = (from: RawClient, to: RawClient, content: string, more: object = {}) =>
    from.call('chat.send', { to: to.user, kind: 'text', content, ...more });
  const history = async (client: RawClient, peer: RawClient) =>
    (await client.call('chat.history', { to: peer.user, limit: 200 })).messages;
  const message = async (client: RawClient, peer: RawClient, seq: number) => {
    const found = (await history(client, peer)).find((entry) => entry.seq === seq);
    return found as (ChatMessage & { event: 'chat.message' }) | undefined;
  };

  it('an edit reaches everybody, and histories and catch-ups show what holds', async () => {
    const [alice, bob] = await pair();
    const { conversation } = await say(alice, bob, 'helo', { clientId: 'm1' });
    const edit = { to: bob.user, seq: 1, content: 'hello', clientId: 'e1' };
    const done = await alice.call('chat.edit', edit);
    expect(done).toMatchObject({ conversation, seq: 2, id: `${conversation}#2`, duplicate: false });
    expect((await bob.event('chat.edited')).data).toEqual({
      conversation,
      seq: 2,
      id: done.id,
      time: done.time,
      from: alice.user,
      targetSeq: 1,
      content: 'hello',
      clientId: 'e1',
    });
    expect(await message(bob, alice, 1)).toMatchObject({ content: 'hello', editedAt: done.time });
    expect(alice.dataOf('chat.edited')).toEqual([]);
    expect(await alice.call('chat.edit', edit)).toEqual({ ...done, duplicate: true });
    await alice.call('chat.edit', { to: bob.user, seq: 1, content: 'hello!' });
    expect(await alice.call('chat.edit', edit)).toEqual({ ...done, duplicate: true });
    expect(await code(alice.call('chat.edit', { ...edit, seq: 9 }))).toBe('conflict');
    expect(await say(alice, bob, 'helo', { clientId: 'm1' })).toMatchObject({ seq: 1, duplicate: true });
    const late = await connect(bob.user, { query: { device: 'late' } });
    const edits = late.dataOf<MessageEdited>('chat.edited').map(({ content }) => content);
    expect([late.dataOf<ChatMessage>('chat.message')[0]?.content, edits]).toEqual([
      'hello!',
      [undefined, 'hello!'],
    ]);
    expect(await history(bob, alice)).toHaveLength(3);
  });

  it('only an own text message that is there can be edited', async () => {
    const [alice, bob] = await pair();
    await say(alice, bob, 'mine');
    await alice.call('chat.send', { to: bob.user, kind: 'custom', content: { a: 1 } });
    await alice.call('chat.edit', { to: bob.user, seq: 1, content: 'still mine' });
    const edit = (client: RawClient, peer: RawClient, seq: number) =>
      code(client.call('chat.edit', { to: peer.user, seq, content: 'x' }));
    expect(await edit(bob, alice, 1)).toBe('forbidden');
    expect(await edit(alice, bob, 2)).toBe('invalid');
    expect(await edit(alice, bob, 3)).toBe('not_found');
    expect(await edit(alice, bob, 99)).toBe('not_found');
    expect((await history(alice, bob)).map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  it('a recall takes the content away everywhere, and a retry does not bring it back', async () => {
    const [alice, bob] = await pair();
    const secret = { clientId: 'm1' };
    const { conversation, id, time } = await say(alice, bob, 'secret', secret);
    await alice.call('chat.edit', { to: bob.user, seq: 1, content: 'secret again' });
    await bob.call('chat.react', { to: alice.user, seq: 1, emoji: '👍' });
    await bob.call('chat.pin', { to: alice.user, seq: 1 });
    const recall = { to: bob.user, seq: 1, clientId: 'r1' };
    const done = await alice.call('chat.recall', recall);
    expect((await bob.event('chat.recalled')).data).toMatchObject({ seq: 5, from: alice.user, targetSeq: 1 });
    expect(await message(bob, alice, 1)).toEqual({
      event: 'chat.message',
      conversation,
      seq: 1,
      id,
      time,
      from: alice.user,
      to: bob.user,
      kind: 'text',
      content: null,
      recalled: true,
      recalledBy: alice.user,
      recalledAt: done.time,
      clientId: 'm1',
    });
    const late = await connect(bob.user, { query: { device: 'late' } });
    const seen = JSON.stringify([late.frames, await history(alice, bob)]);
    expect(seen).not.toContain('secret');
    expect((await alice.call('chat.pins', { to: bob.user })).pins).toEqual([]);
    expect(await say(alice, bob, 'secret', secret)).toEqual({
      conversation,
      seq: 1,
      id,
      time,
      duplicate: true,
    });
    expect(await alice.call('chat.recall', recall)).toEqual({ ...done, duplicate: true });
    const on = { to: bob.user, seq: 1 };
    expect(await code(alice.call('chat.recall', on))).toBe('not_found');
    expect(await code(alice.call('chat.edit', { ...on, content: 'x' }))).toBe('not_found');
    expect(await code(alice.call('chat.react', { ...on, emoji: 'x' }))).toBe('not_found');
    expect(await code(alice.call('chat.pin', on))).toBe('not_found');
    expect(await code(bob.call('chat.recall', { to: alice.user, seq: 2 }))).toBe('not_found');
    await say(alice, bob, 'not yours');
    expect(await code(bob.call('chat.recall', { to: alice.user, seq: 6 }))).toBe('forbidden');
    expect(await code(bob.call('chat.react', { to: alice.user, seq: 6, emoji: '👍' }))).toBe('ok');
  });

  it('reactions are counted once per user and emoji, whatever is repeated', async () => {
    const [alice, bob] = await pair();
    await say(alice, bob, 'x');
    const react = (client: RawClient, peer: RawClient, emoji: string, active?: boolean) =>
      client.call('chat.react', { to: peer.user, seq: 1, emoji, active });
    await react(alice, bob, '👍');
    await react(bob, alice, '👍');
    await react(bob, alice, '👍');
    await react(bob, alice, '🏴󠁧󠁢󠁥󠁮󠁧󠁿');
    expect((await message(alice, bob, 1))?.reactions).toEqual([
      { emoji: '👍', count: 2, mine: true },
      { emoji: '🏴󠁧󠁢󠁥󠁮󠁧󠁿', count: 1, mine: false },
    ]);
    await react(alice, bob, '👍', false);
    await react(alice, bob, '👍', false);
    await react(bob, alice, '🏴󠁧󠁢󠁥󠁮󠁧󠁿', false);
    expect((await message(alice, bob, 1))?.reactions).toEqual([{ emoji: '👍', count: 1, mine: false }]);
    await alice.until(() => alice.dataOf('chat.reaction').length === 4);
    expect(alice.dataOf('chat.reaction')[0]).toMatchObject({
      from: bob.user,
      targetSeq: 1,
      emoji: '👍',
      active: true,
    });
    await react(bob, alice, '👍', false);
    expect(await message(alice, bob, 1)).not.toHaveProperty('reactions');
    expect((await history(alice, bob)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('a user has a bounded number of emojis on a message', async () => {
    const [alice, bob] = await pair();
    await say(alice, bob, 'x');
    for (let index = 0; index < 10; index++)
      await bob.call('chat.react', { to: alice.user, seq: 1, emoji: `e${index}` });
    const react = (emoji: string, active?: boolean) =>
      code(bob.call('chat.react', { to: alice.user, seq: 1, emoji, active }));
    expect(await react('e10')).toBe('refused');
    expect(await react('e3')).toBe('ok');
    expect(await react('e3', false)).toBe('ok');
    expect(await react('e10')).toBe('ok');
  });

  it('pins are listed, the last message first, in pages, and shown on the messages', async () => {
    const [alice, bob] = await pair();
    for (const content of ['1', '2', '3', '4']) await say(alice, bob, content);
    for (const seq of [3, 1, 4, 4]) await bob.call('chat.pin', { to: alice.user, seq });
    await alice.call('chat.pin', { to: bob.user, seq: 4, active: false });
    const pins = async (range: object) => {
      const page = await alice.call('chat.pins', { to: bob.user, ...range });
      return [page.pins.map(({ message: { content, pinned }, by }) => [content, pinned, by]), page.more];
    };
    expect(await pins({})).toEqual([
      [
        ['3', true, bob.user],
        ['1', true, bob.user],
      ],
      false,
    ]);
    expect(await pins({ limit: 1 })).toEqual([[['3', true, bob.user]], true]);
    expect(await pins({ limit: 1, before: 3 })).toEqual([[['1', true, bob.user]], false]);
    expect(await message(alice, bob, 3)).toMatchObject({ pinned: true });
    expect(await message(alice, bob, 4)).not.toHaveProperty('pinned');
    expect(await code((await pair())[0].call('chat.pins', { conversation: 'no-such-group' }))).toBe(
      'not_found',
    );
  });

  it('who hides messages no longer meets them, on no device, and nobody else notices', async () => {
    const [alice, bob] = await pair();
    for (const content of ['1', '2', '3']) await say(alice, bob, content);
    const tablet = await connect(bob.user);
    const hide = { to: alice.user, seqs: [2, 1, 2], clientId: 'h1' };
    const done = await bob.call('chat.hide', hide);
    expect(done.conversation).toBe(`inbox:${bob.user}`);
    expect((await tablet.event('chat.hidden')).data).toMatchObject({
      conversation: done.conversation,
      messages: { conversation: `dm:${alice.user}:${bob.user}`, seqs: [1, 2] },
    });
    expect(await bob.call('chat.hide', hide)).toEqual({ ...done, duplicate: true });
    expect((await history(bob, alice)).map(({ seq }) => seq)).toEqual([3]);
    expect((await history(alice, bob)).map(({ seq }) => seq)).toEqual([1, 2, 3]);
    const late = await connect(bob.user, { query: { device: 'late' } });
    expect(late.dataOf<ChatMessage>('chat.message').map(({ seq }) => seq)).toEqual([3]);
    expect(late.dataOf('chat.hidden')).toHaveLength(1);
    expect(await code(bob.call('chat.hide', { to: alice.user, seqs: [3, 4] }))).toBe('not_found');
    expect((await history(bob, alice)).map(({ seq }) => seq)).toEqual([3]);
    expect(alice.dataOf('chat.hidden')).toEqual([]);
  });

  it('a copy names the first writer, tells nothing else, and lives on its own', async () => {
    const [alice, bob] = await pair();
    const [carol, dave] = await pair();
    const original = await say(alice, bob, 'news', { mentions: [bob.user], clientId: 'm1' });
    const from = { conversation: original.conversation, seq: 1 };
    const forward = { to: carol.user, from, clientId: 'f1' };
    const done = await bob.call('chat.forward', forward);
    const { data } = await carol.event('chat.message');
    expect(data).toEqual({
      conversation: done.conversation,
      seq: 1,
      id: done.id,
      time: done.time,
      from: bob.user,
      to: carol.user,
      kind: 'text',
      content: 'news',
      clientId: 'f1',
      forwardedFrom: { from: alice.user, time: original.time },
    });
    const again = { to: dave.user, from: { conversation: done.conversation, seq: 1 } };
    await carol.call('chat.forward', again);
    expect((await dave.event('chat.message')).data).toMatchObject({
      from: carol.user,
      forwardedFrom: { from: alice.user, time: original.time },
    });
    expect(await code(carol.call('chat.forward', { to: dave.user, from }))).toBe('not_found');
    expect(await code(bob.call('chat.edit', { to: carol.user, seq: 1, content: 'lies' }))).toBe('invalid');
    await alice.call('chat.recall', { to: bob.user, seq: 1 });
    expect(await bob.call('chat.forward', forward)).toEqual({ ...done, duplicate: true });
    expect(await code(bob.call('chat.forward', { ...forward, clientId: 'f2' }))).toBe('not_found');
    expect(await code(bob.call('chat.forward', { ...forward, from: { ...from, seq: 2 } }))).toBe('not_found');
    expect(await message(carol, bob, 1)).toMatchObject({ content: 'news' });
  });

  it('a repetition of a copy is the same although the original was edited since', async () => {
    const [alice, bob] = await pair();
    const { conversation } = await say(alice, bob, 'one');
    const forward = { to: bob.user, from: { conversation, seq: 1 }, clientId: 'f1' };
    const done = await alice.call('chat.forward', forward);
    await alice.call('chat.edit', { to: bob.user, seq: 1, content: 'two' });
    expect(await alice.call('chat.forward', forward)).toEqual({ ...done, duplicate: true });
  });

  it('an answer is to a message that its sender can see', async () => {
    const [alice, bob] = await pair();
    const reply = (replyTo: number) => code(say(bob, alice, 'yes', { replyTo }));
    expect(await reply(1)).toBe('invalid');
    await say(alice, bob, 'well?');
    await alice.call('chat.react', { to: bob.user, seq: 1, emoji: '?' });
    expect([await reply(1), await reply(2), await reply(9)]).toEqual(['ok', 'invalid', 'invalid']);
    await alice.call('chat.recall', { to: bob.user, seq: 1 });
    expect(await reply(1)).toBe('ok');
  });

  it('edits and recalls that race agree on every device, and a recalled text never comes back', async () => {
    for (let round = 0; round < 25; round++) {
      const [alice, bob] = await pair();
      const phone = await connect(alice.user);
      const { conversation } = await say(alice, bob, 'draft');
      const on = { to: bob.user, seq: 1 };
      const edits = Array.from({ length: 6 }, (_, index) =>
        code((index % 2 ? phone : alice).call('chat.edit', { ...on, content: `text-${round}-${index}` })),
      );
      const pinned = code(bob.call('chat.pin', { to: alice.user, seq: 1 }));
      const reacted = code(bob.call('chat.react', { to: alice.user, seq: 1, emoji: 'x' }));
      const recalls = [
        code(phone.call('chat.recall', { ...on, clientId: 'r' })),
        code(alice.call('chat.recall', { ...on, clientId: 'r' })),
      ];
      const outcomes = await Promise.all([...edits, pinned, reacted]);
      expect(await Promise.all(recalls)).toEqual(['ok', 'ok']);
      expect(outcomes.every((each) => each === 'ok' || each === 'not_found')).toBe(true);
      const stored = await history(alice, bob);
      const head = stored.at(-1)?.seq as number;
      expect(head).toBe(2 + outcomes.filter((each) => each === 'ok').length);
      expect(stored.map(({ seq }) => seq)).toEqual(Array.from({ length: head }, (_, index) => index + 1));
      const recall = stored.find(({ event }) => event === 'chat.recalled') as HistoryEntry;
      expect(recall.seq).toBe(head);
      expect(JSON.stringify(stored)).not.toContain('text-');
      expect(await history(bob, alice)).toEqual(stored);
      await bob.until(() => bob.dataOf('chat.recalled').length === 1);
      const late = await connect(bob.user, { query: { device: 'late' } });
      expect(JSON.stringify(late.frames)).not.toContain('text-');
      const live = bob.frames.findLastIndex(({ type }) => type === 'chat.recalled');
      expect(bob.frames.slice(live).some(({ type }) => type === 'chat.edited')).toBe(false);
      expect((await alice.call('chat.pins', { conversation })).pins).toEqual([]);
    }
  });

  describe('in a group', () => {
    const group = async (): Promise<{ id: string; owner: RawClient; bob: RawClient; carol: RawClient }> => {
      const [owner, bob] = await pair();
      const carol = await connect(`c${users}`);
      const { id } = await owner.call('group.create', { name: 'Team', visibility: 'open' });
      for (const member of [bob, carol]) await member.call('group.join', { conversation: id });
      return { id, owner, bob, carol };
    };
    const post = (client: RawClient, conversation: string, content: string) =>
      client.call('chat.send', { conversation, kind: 'text', content });

    it('its owner recalls what others wrote, nobody else does', async () => {
      const { id, owner, bob, carol } = await group();
      const { seq } = await post(bob, id, 'rude');
      expect(await code(carol.call('chat.recall', { conversation: id, seq }))).toBe('forbidden');
      expect(await code(owner.call('chat.edit', { conversation: id, seq, content: 'x' }))).toBe('forbidden');
      const done = await owner.call('chat.recall', { conversation: id, seq });
      await carol.until(() => carol.dataOf('chat.recalled').length === 1);
      const { messages } = await carol.call('chat.history', { conversation: id });
      expect(messages.find((entry) => entry.seq === seq)).toMatchObject({
        recalled: true,
        recalledBy: owner.user,
        recalledAt: done.time,
        content: null,
      });
      const stranger = (await pair())[0];
      expect(await code(stranger.call('chat.react', { conversation: id, seq: 2, emoji: 'x' }))).toBe(
        'not_found',
      );
      expect(await code(stranger.call('chat.pins', { conversation: id }))).toBe('not_found');
    });

    it('edits and recalls that race with the end of a membership end with it', async () => {
      const seen = new Set<string>();
      for (let round = 0; round < 15; round++) {
        const { id, owner, bob, carol } = await group();
        const { seq } = await post(bob, id, 'draft');
        const remove = () => code(owner.call('group.remove', { conversation: id, users: [bob.user] }));
        let removed: Promise<string> | undefined;
        const results: string[] = [];
        for (let index = 0; results.at(-1) !== 'not_found'; index++) {
          if (index === round % 4) removed = remove();
          const recalls = index === round % 7;
          results.push(
            await (recalls
              ? code(bob.call('chat.recall', { conversation: id, seq }))
              : code(bob.call('chat.edit', { conversation: id, seq, content: `text-${index}` }))),
          );
        }
        expect(await (removed ?? remove())).toBe('ok');
        for (const result of results) seen.add(result);
        const { messages, head } = await owner.call('chat.history', { conversation: id, limit: 200 });
        expect(messages.map((entry) => entry.seq)).toEqual(
          Array.from({ length: head }, (_, index) => index + 1),
        );
        const end = messages.findLast(({ event }) => event === 'group.changed')?.seq as number;
        const byBob = messages.filter((entry) => 'from' in entry && entry.from === bob.user);
        expect(byBob.every((entry) => entry.seq < end)).toBe(true);
        const applied = byBob.filter(({ event }) => event === 'chat.edited' || event === 'chat.recalled');
        expect(applied).toHaveLength(results.filter((each) => each === 'ok').length);
        const now = messages.find((entry) => entry.seq === seq) as ChatMessage;
        const last = applied.at(-1);
        const text = last?.event === 'chat.edited' ? last.content : 'draft';
        const isRecalled = last?.event === 'chat.recalled';
        expect(now.content).toBe(isRecalled ? null : text);
        expect(isRecalled && JSON.stringify(messages).includes('text-')).toBe(false);
        const his = await bob.call('chat.history', { conversation: id, limit: 200 });
        const hers = await carol.call('chat.history', { conversation: id, limit: 200 });
        expect(his.messages).toEqual(messages.filter((entry) => entry.seq >= 2 && entry.seq <= end));
        expect(hers.messages).toEqual(messages.filter((entry) => entry.seq >= 3));
      }
      expect([...seen].sort()).toEqual(['not_found', 'ok']);
    });
  });

  describe('over REST', () => {
    const call = async (
      method: string,
      path: string,
      user: string,
      options: { role?: string; body?: object; key?: string } = {},
    ) => {
      const { role, body, key } = options;
      const response = await fetch(`${stage.server.url}/api/v1/conversations/${path}`, {
        method,
        headers: {
          Authorization: `Bearer ${tokenFor(user, { role })}`,
          ...(body && { 'Content-Type': 'application/json' }),
          ...(key && { 'Idempotency-Key': key }),
        },
        body: body && JSON.stringify(body),
      });
      return { status: response.status, json: (await response.json()) as Record<string, unknown> };
    };

    it('messages are edited, reacted to, pinned and recalled', async () => {
      const [alice, bob] = await pair();
      const { conversation } = await say(alice, bob, 'one');
      const path = `${encodeURIComponent(conversation)}/messages/1`;
      const body = { content: 'two' };
      const edited = await call('PATCH', path, alice.user, { body, key: 'k1' });
      expect(edited).toMatchObject({ status: 200, json: { conversation, seq: 2, duplicate: false } });
      const again = await call('PATCH', path, alice.user, { body, key: 'k1' });
      expect(again.json).toEqual({ ...edited.json, duplicate: true });
      expect(await call('PATCH', path, bob.user, { body })).toMatchObject({ status: 403 });
      const thumb = `${path}/reactions/${encodeURIComponent('👍')}`;
      expect(await call('PUT', thumb, bob.user)).toMatchObject({ status: 200, json: { seq: 3 } });
      expect((await message(bob, alice, 1))?.reactions).toEqual([{ emoji: '👍', count: 1, mine: true }]);
      expect(await call('DELETE', thumb, bob.user)).toMatchObject({ status: 200, json: { seq: 4 } });
      expect(await message(bob, alice, 1)).not.toHaveProperty('reactions');
      expect(await call('PUT', `${path}/pin`, bob.user)).toMatchObject({ status: 200 });
      expect(await call('GET', `${encodeURIComponent(conversation)}/pins?limit=1`, alice.user)).toMatchObject(
        {
          status: 200,
          json: { conversation, pins: [{ message: { content: 'two' }, by: bob.user }], more: false },
        },
      );
      expect(await call('DELETE', `${path}/pin`, alice.user)).toMatchObject({ status: 200 });
      expect(await call('DELETE', path, bob.user)).toMatchObject({ status: 403 });
      expect(await call('DELETE', path, alice.user)).toMatchObject({ status: 200, json: { seq: 7 } });
      expect(await message(bob, alice, 1)).toMatchObject({ recalled: true, content: null });
    });

    it('an administrator acts for another, nobody else does', async () => {
      const [alice, bob] = await pair();
      const { conversation } = await say(alice, bob, 'one');
      const path = `${encodeURIComponent(conversation)}/messages/1?from=${alice.user}`;
      expect(await call('DELETE', path, bob.user)).toMatchObject({
        status: 403,
        json: { code: 'forbidden' },
      });
      expect(await call('DELETE', path, 'root', { role: 'admin' })).toMatchObject({ status: 200 });
      expect(await message(bob, alice, 1)).toMatchObject({ recalled: true, recalledBy: alice.user });
    });

    it.each([
      ['PATCH', 'messages/0', { content: 'x' }, 'seq'],
      ['PATCH', 'messages/1', { content: '' }, 'content'],
      ['PATCH', 'messages/1', { content: 'x', more: 1 }, 'more'],
      ['DELETE', 'messages/x', undefined, 'seq'],
      ['DELETE', 'messages/1?more=1', undefined, 'more'],
      ['PUT', 'messages/1/reactions/a%20b', undefined, 'emoji'],
      ['PUT', 'messages/1/pin?from=', undefined, 'from'],
      ['GET', 'pins?limit=0', undefined, 'limit'],
    ])('%s %s names the wrong field', async (method, path, body, field) => {
      const answer = await call(method, `dm%3Aalice%3Abob/${path}`, 'alice', { body });
      expect(answer).toMatchObject({ status: 400, json: { code: 'invalid', details: [{ field }] } });
    });
  });

  it('the time for edits and recalls is bounded', async () => {
    const strict = await TestServer.start({
      env: { CHAT_EDIT_WINDOW: '0.001', CHAT_RECALL_WINDOW: '0.001' },
    });
    const alice = await RawClient.connect(strict, 'alice');
    const { time, conversation } = await alice.call('chat.send', { to: 'bob', kind: 'text', content: 'x' });
    await expect.poll(() => Date.now() - time).toBeGreaterThan(1);
    expect(await code(alice.call('chat.edit', { conversation, seq: 1, content: 'y' }))).toBe('refused');
    expect(await code(alice.call('chat.recall', { conversation, seq: 1 }))).toBe('refused');
    const url = `${strict.url}/api/v1/conversations/${encodeURIComponent(conversation)}/messages/1?from=alice`;
    const headers = { Authorization: `Bearer ${tokenFor('root', { role: 'admin' })}` };
    expect((await fetch(url, { method: 'DELETE', headers })).status).toBe(200);
    await alice.close();
    await strict.stop();
  });
});
