import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CallRecord, Events } from '@rookery/protocol';
import { CommandError, RawClient } from '../support/raw-client.js';
import { TestServer } from '../support/server.js';
import { stores, type FreshStore } from '../support/stores.js';

describe.each(stores())('calls on $name', ({ open }) => {
  let store: FreshStore;
  let server: TestServer;
  let clients: RawClient[] = [];
  let pairs = 0;

  beforeAll(async () => {
    store = await open();
    server = await TestServer.start({
      databaseUrl: store.databaseUrl,
      env: { CALL_RING_TIMEOUT: '3', CALL_RECONNECT_GRACE: '1' },
    });
  });
  afterEach(async () => {
    await Promise.all(clients.map((client) => client.close()));
    clients = [];
  });
  afterAll(async () => {
    await server.stop();
    await store.dispose();
  });

  const connect = async (user: string): Promise<RawClient> => {
    const client = await RawClient.connect(server, user);
    clients.push(client);
    // What one did himself while this connection caught up is not brought to it.
    await client.event('chat.synced');
    return client;
  };
  const names = (): [string, string] => [`amy${++pairs}`, `ben${pairs}`];
  const pair = async (): Promise<[RawClient, RawClient]> => {
    const [amy, ben] = await Promise.all(names().map((name) => connect(name)));
    return [amy!, ben!];
  };
  const offer = (from: RawClient, to: string, payload: unknown = { sdp: 'offer' }) =>
    from.call('call.offer', { to, media: 'audio', payload });
  const codeOf = (call: Promise<unknown>): Promise<string> =>
    call.then(
      () => 'ok',
      (error: unknown) => (error as CommandError).data.code,
    );
  const records = (client: RawClient) =>
    client.dataOf<CallRecord>('chat.call').map(({ call, outcome }) => [call, outcome]);
  const ended = async (client: RawClient, count = 1) => {
    await client.until(() => client.dataOf('call.ended').length >= count);
    return client.dataOf<Events['call.ended']>('call.ended').at(-1);
  };

  it('ring on all devices, are answered on one, signalled between the two, and recorded', async () => {
    const [amy, ben] = await pair();
    const [phone, desk] = await Promise.all([connect(ben.user), connect(amy.user)]);
    const { call, state, expiresAt } = await offer(amy, ben.user);
    expect(state).toBe('ringing');
    for (const device of [ben, phone])
      expect((await device.event('call.incoming')).data).toEqual({
        call,
        from: amy.user,
        media: 'audio',
        payload: { sdp: 'offer' },
        expiresAt,
      });
    await Promise.all([ben.call('call.ringing', { call }), phone.call('call.ringing', { call })]);
    await amy.call('call.candidate', { call, payload: 'early' });
    for (const device of [ben, phone])
      expect((await device.event('call.candidate')).data).toEqual({ call, payload: 'early' });
    expect(await codeOf(phone.call('call.candidate', { call, payload: 'x' }))).toBe('conflict');
    await phone.call('call.answer', { call, payload: { sdp: 'answer' } });
    expect((await amy.event('call.answered')).data).toEqual({ call, payload: { sdp: 'answer' } });
    expect((await ben.event('call.taken')).data).toEqual({ call });
    expect(await codeOf(ben.call('call.answer', { call, payload: null }))).toBe('conflict');
    await phone.call('call.candidate', { call, payload: 1 });
    await amy.call('call.candidate', { call, payload: 2 });
    await amy.until(() => amy.dataOf('call.candidate').length === 1);
    await phone.until(() => phone.dataOf('call.candidate').length === 2);
    await amy.call('call.hangup', { call });
    expect(await ended(phone)).toEqual({ call, reason: 'hangup' });
    for (const client of [amy, ben, phone, desk]) {
      const { data } = await client.event('chat.call');
      expect(data).toMatchObject({
        conversation: `dm:${amy.user}:${ben.user}`,
        seq: 1,
        call,
        from: amy.user,
        to: ben.user,
        media: 'audio',
        outcome: 'answered',
        duration: expect.any(Number),
      });
    }
    // What was relayed reached nobody else, and nobody twice.
    expect([ben, desk].map((client) => client.dataOf('call.ended'))).toEqual([[], []]);
    expect(desk.frames.filter(({ type }) => type.startsWith('call.'))).toEqual([]);
    expect(amy.dataOf('call.ringing')).toEqual([{ call }]);
    expect(ben.dataOf('call.candidate')).toHaveLength(1);
    const { messages } = await ben.call('chat.history', { to: amy.user });
    expect(messages).toMatchObject([{ event: 'chat.call', call }]);
    expect(await codeOf(amy.call('call.hangup', { call }))).toBe('not_found');
  });

  it('are rejected for all devices, cancelled, and missed', async () => {
    const [amy, ben] = await pair();
    const phone = await connect(ben.user);
    const first = await offer(amy, ben.user);
    await ben.call('call.reject', { call: first.call });
    expect(await ended(amy)).toEqual({ call: first.call, reason: 'rejected' });
    expect(await ended(phone)).toEqual({ call: first.call, reason: 'rejected' });
    const second = await offer(amy, ben.user);
    await amy.call('call.hangup', { call: second.call });
    expect(await ended(phone, 2)).toEqual({ call: second.call, reason: 'cancelled' });
    const third = await offer(amy, ben.user);
    expect(await ended(amy, 2)).toEqual({ call: third.call, reason: 'timeout' });
    expect(await ended(phone, 3)).toEqual({ call: third.call, reason: 'timeout' });
    await ben.until(() => records(ben).length === 3);
    expect(records(ben)).toEqual([
      [first.call, 'rejected'],
      [second.call, 'cancelled'],
      [third.call, 'missed'],
    ]);
  });

  it('ring on a device that comes late, with what was said meanwhile', async () => {
    const [a, b] = names();
    const amy = await connect(a);
    const { call } = await offer(amy, b);
    for (const payload of ['c1', 'c2']) await amy.call('call.candidate', { call, payload });
    const ben = await connect(b);
    await ben.until(() => ben.dataOf('call.candidate').length === 2);
    expect(ben.frames[0]?.type).toBe('hello');
    expect(ben.dataOf('call.incoming')).toMatchObject([{ call, payload: { sdp: 'offer' } }]);
    expect(ben.dataOf<Events['call.candidate']>('call.candidate').map(({ payload }) => payload)).toEqual([
      'c1',
      'c2',
    ]);
    await ben.call('call.answer', { call, payload: null });
    await amy.event('call.answered');
  });

  it('have exactly one winner when devices answer at once', async () => {
    const [amy, ben] = await pair();
    const devices = [ben, ...(await Promise.all([1, 2, 3].map(() => connect(ben.user))))];
    const winners = new Set<number>();
    for (let round = 0; round < 60; round++) {
      const { call } = await offer(amy, ben.user);
      const order = devices.map((_, index) => devices[(index + round) % devices.length]!);
      const codes = await Promise.all(
        order.map((device) => codeOf(device.call('call.answer', { call, payload: device.user }))),
      );
      expect([...codes].sort()).toEqual(['conflict', 'conflict', 'conflict', 'ok']);
      const winner = order[codes.indexOf('ok')]!;
      winners.add(devices.indexOf(winner));
      await amy.until(() => amy.dataOf('call.answered').length === round + 1);
      for (const device of order.filter((each) => each !== winner))
        await device.until(() =>
          device.dataOf<Events['call.taken']>('call.taken').some((taken) => taken.call === call),
        );
      expect(winner.dataOf<Events['call.taken']>('call.taken').some((taken) => taken.call === call)).toBe(
        false,
      );
      await winner.call('call.hangup', { call });
    }
    expect(amy.dataOf('call.answered')).toHaveLength(60);
    expect(winners.size).toBeGreaterThan(1);
  });

  it('of both at once become one', async () => {
    for (let round = 0; round < 20; round++) {
      const [amy, ben] = await pair();
      const [one, other] = await Promise.all([offer(amy, ben.user), offer(ben, amy.user)]);
      expect(one.call).toBe(other.call);
      expect([one.state, other.state].sort()).toEqual(['incoming', 'ringing']);
      const [caller, callee] = one.state === 'ringing' ? [amy, ben] : [ben, amy];
      await callee.event('call.incoming');
      await callee.call('call.answer', { call: one.call, payload: 'yes' });
      await caller.event('call.answered');
      await caller.call('call.hangup', { call: one.call });
      await ended(callee);
      await amy.event('chat.call');
    }
  });

  it('find a user busy who is in one', async () => {
    const [amy, ben] = await pair();
    const cleo = await connect(`cleo${pairs}`);
    const { call } = await offer(amy, ben.user);
    expect(await codeOf(offer(amy, cleo.user))).toBe('conflict');
    expect((await offer(amy, ben.user)).call).toBe(call);
    const busy = await offer(cleo, ben.user);
    expect(busy.state).toBe('busy');
    expect((await ben.event('chat.call')).data).toMatchObject({ from: cleo.user, outcome: 'missed' });
    await ben.call('call.answer', { call, payload: null });
    expect((await offer(cleo, amy.user)).state).toBe('busy');
    expect(ben.dataOf('call.incoming')).toHaveLength(1);
    await amy.call('call.hangup', { call });
    expect((await offer(cleo, amy.user)).state).toBe('ringing');
  });

  it('survive a lost connection for a while', async () => {
    const [amy, ben] = await pair();
    const { call } = await offer(amy, ben.user);
    await ben.call('call.answer', { call, payload: null });
    ben.terminate();
    await ben.closed();
    const again = await connect(ben.user);
    expect(await again.call('call.resume', { call })).toEqual({
      call,
      peer: amy.user,
      media: 'audio',
      state: 'active',
    });
    await amy.call('call.candidate', { call, payload: 'restart' });
    expect((await again.event('call.candidate')).data).toEqual({ call, payload: 'restart' });
    const third = await connect(ben.user);
    expect(await codeOf(third.call('call.resume', { call }))).toBe('conflict');
    amy.terminate();
    expect(await ended(again)).toEqual({ call, reason: 'lost' });
    expect((await again.event('chat.call')).data).toMatchObject({ call, outcome: 'answered' });
  });

  it('of a caller who is gone stop ringing', async () => {
    const [amy, ben] = await pair();
    const { call } = await offer(amy, ben.user);
    await ben.event('call.incoming');
    await amy.close();
    expect(await ended(ben)).toEqual({ call, reason: 'lost' });
    expect((await ben.event('chat.call')).data).toMatchObject({ outcome: 'cancelled' });
  });

  it('are unknown to strangers, as if there were none', async () => {
    const [amy, ben] = await pair();
    const eve = await connect('eve');
    const { call } = await offer(amy, ben.user);
    const calls = (id: string) => [
      eve.call('call.answer', { call: id, payload: 1 }),
      eve.call('call.candidate', { call: id, payload: 1 }),
      eve.call('call.ringing', { call: id }),
      eve.call('call.reject', { call: id }),
      eve.call('call.hangup', { call: id }),
      eve.call('call.resume', { call: id }),
    ];
    for (const id of [call, 'no-such-call'])
      expect(new Set(await Promise.all(calls(id).map(codeOf)))).toEqual(new Set(['not_found']));
    expect(await codeOf(offer(eve, 'eve'))).toBe('invalid');
    expect(await codeOf(amy.call('call.answer', { call, payload: 1 }))).toBe('not_found');
    await ben.call('call.answer', { call, payload: 1 });
  });

  it('of a blocked user ring nowhere, and look as if nobody answered', async () => {
    const [amy, ben] = await pair();
    await ben.call('contact.block', { user: amy.user });
    const { call, state } = await offer(amy, ben.user);
    expect(state).toBe('ringing');
    await amy.call('call.candidate', { call, payload: 1 });
    expect(await codeOf(ben.call('call.answer', { call, payload: 1 }))).toBe('not_found');
    // He is not kept from other calls by it.
    expect((await offer(ben, `else${pairs}`)).state).toBe('ringing');
    await amy.call('call.signal', { to: ben.user, payload: 1 });
    expect(await ended(amy)).toEqual({ call, reason: 'timeout' });
    expect(await codeOf(offer(ben, amy.user))).toBe('refused');
    await ben.call('ping');
    expect(ben.frames.filter(({ type }) => ['call.incoming', 'call.signal'].includes(type))).toEqual([]);
    expect((await amy.call('chat.history', { to: ben.user })).head).toBe(0);
  });

  it('end when one blocks the other', async () => {
    const [amy, ben] = await pair();
    const { call } = await offer(amy, ben.user);
    await ben.call('call.answer', { call, payload: 1 });
    await ben.call('contact.block', { user: amy.user });
    expect(await ended(amy)).toEqual({ call, reason: 'hangup' });
  });

  it('can be signalled outside of any', async () => {
    const [amy, ben] = await pair();
    const phone = await connect(ben.user);
    await amy.call('call.signal', { to: ben.user, payload: { av_data: 'x' } });
    for (const device of [ben, phone])
      expect((await device.event('call.signal')).data).toEqual({
        from: amy.user,
        payload: { av_data: 'x' },
      });
    expect((await ben.call('chat.history', { to: amy.user })).head).toBe(0);
  });
});
