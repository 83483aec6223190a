import type { MessageDraft } from '@rookery/protocol';
import { describe, expect, it } from 'vitest';
import { Harness } from './testing/harness.js';

const text = (content: string): MessageDraft => ({ kind: 'text', content });
const BEN = { to: 'ben' };
const CHAT = 'dm:amy:ben';

/** What is stored, in order. */
const stored = ({ server }: Harness, conversation = CHAT): unknown[] =>
  server.journal.of(conversation).map(({ content }) => content);

describe('send', () => {
  it('resolves with the acknowledgement', async () => {
    const { client } = await Harness.connected();
    expect(await client.send(BEN, text('Hello'))).toEqual({
      conversation: CHAT,
      seq: 1,
      id: `${CHAT}#1`,
      time: 1,
      duplicate: false,
    });
  });

  it('may come before the connection, and keeps its order', async () => {
    const harness = new Harness();
    const sent = ['one', 'two', 'three'].map((content) => harness.client.send(BEN, text(content)));
    await harness.connect();
    expect((await Promise.all(sent)).map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(stored(harness)).toEqual(['one', 'two', 'three']);
    expect(harness.server.dataOf('chat.send')).toHaveLength(3);
  });

  it('repeats with the same client id what the lost connection did not answer', async () => {
    const harness = await Harness.connected();
    harness.server.losesReply = ({ type }) => type === 'chat.send';
    const sent = harness.client.send(BEN, text('once'));
    await harness.clock.advance(0);
    harness.server.losesReply = () => false;
    await harness.reconnect();
    expect(await sent).toMatchObject({ seq: 1, duplicate: true });
    expect(stored(harness)).toEqual(['once']);
    expect(harness.seqs(CHAT)).toEqual([1]);
  });

  it('repeats on the same connection what is not answered in time', async () => {
    const harness = await Harness.connected({ commandTimeout: 4000 });
    let lost = 1;
    harness.server.losesReply = ({ type }) => type === 'chat.send' && lost-- > 0;
    const sent = harness.client.send(BEN, text('once'));
    await harness.clock.advance(5000);
    expect(await sent).toMatchObject({ seq: 1, duplicate: true });
    expect(harness.server.handshakes).toBe(1);
  });

  it('lets nothing overtake what has to be repeated, and other targets go on', async () => {
    const harness = await Harness.connected();
    harness.server.refuse = ({ data }) =>
      (data as MessageDraft).content === 'first' ? { code: 'unavailable', retryable: true } : undefined;
    const [first, second] = ['first', 'second'].map((content) => harness.client.send(BEN, text(content)));
    await harness.client.send({ to: 'zoe' }, text('elsewhere'));
    await harness.clock.advance(10_000);
    expect(stored(harness)).toEqual([]);
    harness.server.refuse = () => undefined;
    await harness.clock.advance(20_000);
    await Promise.all([first, second]);
    expect(stored(harness)).toEqual(['first', 'second']);
  });

  it('waits retryAfter', async () => {
    const harness = await Harness.connected();
    harness.server.refuse = () => ({ code: 'overloaded', retryable: true, retryAfter: 7 });
    const sent = harness.client.send(BEN, text('patience'));
    await harness.clock.advance(6999);
    expect(harness.server.dataOf('chat.send')).toHaveLength(1);
    harness.server.refuse = () => undefined;
    await harness.clock.advance(1);
    expect((await sent).seq).toBe(1);
  });

  it('rejects when a retry cannot help, and goes on with the next', async () => {
    const harness = await Harness.connected();
    const details = [{ field: 'content', message: 'Too small' }];
    harness.server.refuse = ({ data }) =>
      (data as MessageDraft).content === '' ? { code: 'invalid', details } : undefined;
    const [bad, good] = [harness.client.send(BEN, text('')), harness.client.send(BEN, text('fine'))];
    await expect(bad).rejects.toMatchObject({ code: 'invalid', retryable: false, details });
    expect((await good).seq).toBe(1);
    expect(harness.client.pending).toEqual([]);
  });

  it('does not send what would cost the connection', async () => {
    const { client, server } = await Harness.connected();
    await expect(client.send(BEN, text('ü'.repeat(40_000)))).rejects.toMatchObject({ code: 'too_large' });
    expect(server.dataOf('chat.send')).toHaveLength(0);
  });

  it('rejects what JSON cannot carry, and keeps what it was at the call', async () => {
    const harness = new Harness();
    const custom = { kind: 'custom' as const, content: { n: 1 } };
    const sent = harness.client.send(BEN, custom);
    custom.content.n = 2;
    await expect(harness.client.send(BEN, { kind: 'custom', content: 1n })).rejects.toMatchObject({
      code: 'invalid',
    });
    await harness.connect();
    await sent;
    expect(stored(harness)).toEqual([{ n: 1 }]);
  });

  it('is bounded', async () => {
    const { client } = new Harness({ maxEnqueuedMessages: 2 });
    void client.send(BEN, text('1'));
    void client.send(BEN, text('2'));
    await expect(client.send(BEN, text('3'))).rejects.toMatchObject({ code: 'outbox_full', retryable: true });
    expect(client.pending.map(({ draft }) => draft.content)).toEqual(['1', '2']);
  });

  it('ends with the signal of the caller', async () => {
    const harness = new Harness();
    const controller = new AbortController();
    const { signal } = controller;
    const given = harness.client.send(BEN, text('never mind'), { signal });
    const kept = harness.client.send(BEN, text('kept'));
    controller.abort();
    await expect(given).rejects.toMatchObject({ code: 'aborted', retryable: false });
    await expect(harness.client.send(BEN, text('late'), { signal })).rejects.toMatchObject({
      code: 'aborted',
    });
    await harness.connect();
    await kept;
    expect(stored(harness)).toEqual(['kept']);
  });

  it('waits through a disconnect() for the next connect()', async () => {
    const harness = await Harness.connected();
    harness.client.disconnect();
    const sent = harness.client.send(BEN, text('later'));
    await harness.connect();
    expect((await sent).seq).toBe(1);
  });

  it('is settled by the message itself, when that comes before the repetition is answered', async () => {
    const harness = await Harness.connected();
    harness.server.losesReply = ({ type }) => type === 'chat.send';
    const sent = harness.client.send(BEN, text('once'));
    await harness.clock.advance(0);
    await harness.reconnect();
    harness.server.push('chat.message', harness.server.journal.of(CHAT)[0]!);
    await harness.clock.advance(0);
    expect(await sent).toMatchObject({ seq: 1, duplicate: true });
    expect(harness.client.pending).toEqual([]);
  });
});

describe('what is droppable', () => {
  it('is told while connected and never kept', async () => {
    const harness = new Harness();
    expect(harness.client.typing(BEN)).toBe(false);
    await harness.connect();
    expect(harness.client.typing(BEN, false)).toBe(true);
    await harness.clock.advance(0);
    expect(harness.server.dataOf('chat.typing')).toEqual([{ to: 'ben', active: false }]);
  });
});
