import { describe, expect, it } from 'vitest';
import { directChat } from './testing/fake-journal.js';
import { Harness } from './testing/harness.js';

const CHAT = directChat('amy', 'ben');
const BEN = { to: 'ben' };
const thumb = { ...BEN, seq: 1, emoji: '👍' };

async function listening(harness = new Harness()) {
  const seqs: number[] = [];
  harness.client.on('entry', ({ conversation, seq }) => {
    if (conversation === CHAT) seqs.push(seq);
  });
  await harness.connect();
  return { ...harness, harness, seqs };
}

describe('changes', () => {
  it('are done once, however often their answer is lost', async () => {
    const { server, client, harness } = await listening();
    let lost = 2;
    server.losesReply = ({ type }) => type === 'chat.react' && lost-- > 0;
    const done = client.change('chat.react', thumb);
    await harness.clock.advance(0);
    await harness.reconnect();
    await harness.clock.advance(20_000);
    expect(await done).toMatchObject({ seq: 1, duplicate: true });
    expect(server.journal.all(CHAT)).toHaveLength(1);
    expect(new Set(server.dataOf('chat.react').map(({ clientId }) => clientId)).size).toBe(1);
    expect(server.dataOf('chat.react')).toHaveLength(3);
  });

  it('are repeated after a refusal that passes, and not after one that stays', async () => {
    const { server, client, clock } = await listening();
    const answers = [
      { code: 'unavailable' as const, retryable: true, retryAfter: 3 },
      { code: 'forbidden' as const },
    ];
    server.refuse = ({ type }) => (type === 'chat.react' ? answers.shift() : undefined);
    const failure = client.change('chat.react', thumb).catch((error: unknown) => error);
    await clock.advance(2999);
    expect(server.dataOf('chat.react')).toHaveLength(1);
    await clock.advance(1);
    expect(await failure).toMatchObject({ code: 'forbidden' });
  });

  it('of one target go one after another, whatever becomes of the first', async () => {
    const { server, client, clock } = await listening();
    const answers = [{ code: 'overloaded' as const, retryable: true, retryAfter: 5 }];
    server.refuse = ({ type }) => (type === 'chat.react' ? answers.shift() : undefined);
    const on = client.change('chat.react', thumb);
    const off = client.change('chat.react', { ...thumb, active: false });
    const other = client.change('chat.react', { ...thumb, to: 'zoe' });
    await other;
    await clock.advance(5000);
    await Promise.all([on, off]);
    const active = server.journal.all(CHAT).map((each) => each.event === 'chat.reaction' && each.active);
    expect(active).toEqual([true, false]);
  });

  it('are entries for the device that made them, too', async () => {
    const { server, client, clock, seqs } = await listening();
    server.say('ben', 'amy', 'one');
    await client.change('chat.react', thumb);
    server.say('ben', 'amy', 'three');
    await clock.advance(0);
    expect(seqs).toEqual([1, 2, 3]);
  });

  it('are so where they are the first that is heard of a conversation', async () => {
    const harness = new Harness();
    harness.server.say('ben', 'amy', 'one');
    harness.server.journal.mark('amy', { conversation: CHAT, seq: 1 });
    const { client, clock, seqs } = await listening(harness);
    await client.change('chat.react', thumb);
    await clock.advance(0);
    expect(seqs).toEqual([2]);
  });

  it('are so where their answer was lost and somebody else was quicker', async () => {
    const harness = new Harness();
    harness.server.say('ben', 'amy', 'one');
    harness.server.journal.mark('amy', { conversation: CHAT, seq: 1 });
    const { server, client, clock, seqs } = await listening(harness);
    server.losesReply = ({ type }) => type === 'chat.react';
    const done = client.change('chat.react', thumb);
    await clock.advance(0);
    server.losesReply = () => false;
    server.say('ben', 'amy', 'three');
    await harness.reconnect();
    await done;
    await clock.advance(0);
    expect(seqs).toEqual([2, 3]);
  });

  it('are nobody else’s when another user signs in', async () => {
    let user = 'amy';
    const harness = new Harness({ token: async () => user });
    await harness.connect();
    harness.server.losesReply = ({ type }) => type === 'chat.react';
    const failure = harness.client.change('chat.react', thumb).catch((error: unknown) => error);
    await harness.clock.advance(0);
    user = 'zoe';
    await harness.reconnect(4002);
    expect(await failure).toMatchObject({ code: 'aborted' });
    expect(harness.client.user).toBe('zoe');
  });
});
