import type { HistoryEntry } from '@rookery/protocol';
import { describe, expect, it } from 'vitest';
import { Harness } from './testing/harness.js';

const GROUP = 'rowers';
const stored = (seq: number, conversation = GROUP) => ({
  conversation,
  seq,
  id: `${conversation}#${seq}`,
  time: seq,
});
const joined = (seq: number, conversation?: string) => ({
  ...stored(seq, conversation),
  change: 'joined' as const,
  by: 'ben',
});
const said = (seq: number) => ({ ...stored(seq), from: 'ben', kind: 'text' as const, content: 'Hello' });

/** A client of Amy's, and all entries that it emitted. */
async function listening() {
  const harness = await Harness.connected();
  const entries: HistoryEntry[] = [];
  harness.client.on('entry', (entry) => entries.push(entry));
  const seen = (conversation = GROUP): string[] =>
    entries.filter((each) => each.conversation === conversation).map(({ event, seq }) => `${event} ${seq}`);
  return { ...harness, harness, seen };
}

describe('entries of every type', () => {
  it('come once and in the order of their conversation', async () => {
    const { server, clock, client, seen } = await listening();
    const changes: number[] = [];
    client.on('group.changed', ({ seq }) => changes.push(seq));
    server.push('group.changed', joined(4));
    server.push('group.changed', joined(4));
    server.push('chat.message', said(5));
    server.push('group.changed', joined(6));
    server.push('chat.message', said(5));
    await clock.advance(0);
    expect(seen()).toEqual(['group.changed 4', 'chat.message 5', 'group.changed 6']);
    expect(changes).toEqual([4, 6]);
  });

  it('make no hole when this version does not know them', async () => {
    const { server, clock, client, seen } = await listening();
    server.push('chat.message', said(1));
    server.push('chat.somersault' as 'group.changed', joined(2));
    server.push('chat.message', said(3));
    await clock.advance(1000);
    expect(seen()).toEqual(['chat.message 1', 'chat.somersault 2', 'chat.message 3']);
    expect(server.dataOf('chat.history')).toEqual([]);
    expect(server.dataOf('chat.delivered')).toEqual([{ conversation: GROUP, seq: 3 }]);
    const heard: unknown[] = [];
    client.on('chat.somersault' as 'group.changed', (data) => heard.push(data));
    server.push('chat.somersault' as 'group.changed', joined(4));
    await clock.advance(0);
    expect(heard).toHaveLength(1);
  });

  it('are read from the history where they are missing, as what they are', async () => {
    const { server, clock, seen } = await listening();
    server.journal.put({ event: 'chat.message', ...said(1) });
    server.journal.put({ event: 'group.changed', ...joined(2) });
    server.journal.put({ event: 'chat.message', ...said(3) });
    server.push('chat.message', said(1));
    server.push('chat.message', said(3));
    await clock.advance(0);
    expect(seen()).toEqual(['chat.message 1', 'group.changed 2', 'chat.message 3']);
  });

  it('of an inbox too', async () => {
    const { server, clock, seen } = await listening();
    const invited = { group: GROUP, name: 'Rowers', by: 'ben', until: 9 };
    server.push('group.invited', { ...stored(1, 'inbox:amy'), ...invited });
    server.push('notification.message', { ...stored(2, 'inbox:amy'), type: 'news', content: 1 });
    await clock.advance(0);
    expect(seen('inbox:amy')).toEqual(['group.invited 1', 'notification.message 2']);
  });

  it('are told from what is ephemeral, which comes as often as it is pushed', async () => {
    const { server, clock, client, seen } = await listening();
    const receipts: unknown[] = [];
    client.on('receipt', (receipt) => receipts.push(receipt));
    for (let times = 0; times < 2; times++)
      server.push('chat.receipt', { conversation: GROUP, seq: 7, user: 'ben', kind: 'read' });
    await clock.advance(0);
    expect(receipts).toHaveLength(2);
    expect(seen()).toEqual([]);
  });

  it('wait for an own message whose number is not known, wherever they may be above it', async () => {
    const { server, clock, client, harness, seen } = await listening();
    server.losesReply = ({ type }) => type === 'chat.send';
    void client.send({ to: 'ben' }, { kind: 'text', content: 'first' });
    await clock.advance(0);
    server.losesReply = () => false;
    server.push('group.changed', joined(2, 'dm:amy:ben'));
    await clock.advance(0);
    expect(seen('dm:amy:ben')).toEqual([]);
    await harness.reconnect();
    server.push('group.changed', joined(2, 'dm:amy:ben'));
    await clock.advance(0);
    expect(seen('dm:amy:ben')).toEqual(['chat.message 1', 'group.changed 2']);
  });
});
