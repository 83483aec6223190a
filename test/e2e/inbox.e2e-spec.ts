import { beforeAll, describe, expect, it } from 'vitest';
import type { ConversationState } from '@rookery/protocol';
import { mentionRows } from '../../src/chat/mention-rows.js';
import { groupOf, inGroup, storeEntries } from '../support/group.js';
import { RawClient, tokenFor } from '../support/raw-client.js';
import { stores } from '../support/stores.js';
import { useServer } from '../support/use-server.js';

describe.each(stores())('what goes with a conversation, on $name', ({ open }) => {
  const stage = useServer({ open });

  const connect = async (user: string, claims?: unknown): Promise<RawClient> => {
    const token = tokenFor(user, typeof claims === 'object' ? { ...claims } : {});
    return stage.connect(user, { token });
  };
  const say = (from: RawClient, to: string, content: string, more: object = {}) =>
    from.call('chat.send', { to, kind: 'text', content, ...more });
  const stateOf = async (client: RawClient, id: string): Promise<ConversationState | undefined> =>
    (await client.call('chat.sync', {})).conversations.find(({ conversation }) => conversation === id);
  const refused = (code: string) => ({ data: { code } });

  describe('settings', () => {
    it('are the same on all devices of the user, and nobody else sees them', async () => {
      const [phone, laptop, ben] = [await connect('ann'), await connect('ann'), await connect('ben')];
      const { conversation } = await say(ben, 'ann', 'hi');
      const mutedUntil = Date.now() + 3_600_000;
      const changed = await phone.call('chat.settings', { conversation, mutedUntil, pinned: true });
      expect(changed).toEqual({ conversation, mutedUntil, pinned: true, archived: false });
      expect((await laptop.event('chat.settings')).data).toEqual(changed);
      expect(await stateOf(laptop, conversation)).toMatchObject({ mutedUntil, pinned: true });
      expect(await stateOf(laptop, conversation)).not.toHaveProperty('archived');

      const again = await laptop.call('chat.settings', { conversation, mutedUntil: null, archived: true });
      expect(again).toEqual({ conversation, mutedUntil: null, pinned: true, archived: true });
      await phone.event('chat.settings');
      expect(await stateOf(phone, conversation)).not.toHaveProperty('mutedUntil');
      await ben.call('ping');
      expect(ben.dataOf('chat.settings')).toEqual([]);
      expect(phone.dataOf('chat.settings')).toEqual([again]);
      expect(await stateOf(ben, conversation)).not.toHaveProperty('pinned');
    });

    it('are kept over a restart, and a mute ends by itself', async () => {
      const [cleo, dan] = [await connect('cleo'), await connect('dan')];
      const { conversation } = await say(dan, 'cleo', 'hi');
      await cleo.call('chat.settings', { conversation, mutedUntil: Date.now() - 1, pinned: true });
      expect(await stateOf(cleo, conversation)).not.toHaveProperty('mutedUntil');
      await stage.server.kill();
      await stage.server.restart();
      expect(await stateOf(await connect('cleo'), conversation)).toMatchObject({ pinned: true });
    });

    it('of a muted conversation keep it out of the badge, and not out of the list', async () => {
      const [eve, fay, gus] = await Promise.all(['eve', 'fay', 'gus'].map(connect));
      const { conversation } = await say(fay!, 'eve', 'hi', { mentions: ['eve'] });
      await say(gus!, 'eve', 'hi');
      await eve!.call('chat.settings', { conversation, mutedUntil: Date.now() + 60_000 });
      expect(await eve!.call('chat.unread', {})).toEqual({ messages: 1, mentions: 0, conversations: 1 });
      expect(await stateOf(eve!, conversation)).toMatchObject({ unread: 1, mentions: 1 });
      await eve!.call('chat.settings', { conversation, mutedUntil: null });
      expect(await eve!.call('chat.unread', {})).toEqual({ messages: 2, mentions: 1, conversations: 2 });
    });

    it.each(['dm:fay:gus', 'dm:eve:nobody', 'inbox:fay', 'absent', 'no:such:thing'])(
      'of %s are not to be found',
      async (conversation) => {
        const eve = await connect('eve');
        const asked = eve.call('chat.settings', { conversation, pinned: true });
        await expect(asked).rejects.toMatchObject(refused('not_found'));
      },
    );
  });

  describe('in a group', () => {
    const GROUP = 'team';
    const MEMBERS = Array.from({ length: 30 }, (_, n) => `m${String(n).padStart(2, '0')}`);

    beforeAll(async () => {
      const all = inGroup(GROUP, 'm00', 'all', { mentionAll: true });
      const some = inGroup(GROUP, 'm01', 'some', { mentions: ['m02', 'stranger'] });
      await storeEntries(stage.server, [
        groupOf(GROUP, MEMBERS),
        { ...all, rows: mentionRows },
        { ...some, rows: mentionRows },
        groupOf(
          'crowd',
          Array.from({ length: 5001 }, (_, n) => `c${n}`),
        ),
        inGroup('crowd', 'c0', 'hi'),
      ]);
    });

    it('mentions of all and of one are counted and listed, for who is mentioned', async () => {
      const [m00, m01, m02, m03] = await Promise.all(['m00', 'm01', 'm02', 'm03'].map(connect));
      const counts = async (client: RawClient) => {
        const state = await stateOf(client, GROUP);
        const { messages } = await client.call('chat.mentions', {});
        return [state?.unread, state?.mentions, messages.map(({ seq }) => seq)];
      };
      expect(await counts(m00!)).toEqual([1, 0, []]);
      expect(await counts(m01!)).toEqual([1, 1, [2]]);
      const two = await counts(m02!);
      expect([two[0], two[1], [...(two[2] as number[])].sort()]).toEqual([2, 2, [2, 3]]);
      expect(await counts(m03!)).toEqual([2, 1, [2]]);
      expect(await (await connect('stranger')).call('chat.mentions', {})).toEqual({
        messages: [],
        next: null,
      });
    });

    it('all may be mentioned by members of a small group, and by owner and admins of a big one', async () => {
      const [owner, member] = [await connect('big000', { role: 'admin' }), await connect('big001')];
      const users = Array.from({ length: 100 }, (_, n) => `big${String(n + 1).padStart(3, '0')}`);
      for (const [id, count] of [
        ['small', 1],
        ['big', 100],
      ] as const) {
        await owner.call('group.create', { id, name: id, visibility: 'open' });
        await owner.call('group.add', { conversation: id, users: users.slice(0, count) });
      }
      const mention = (client: RawClient, conversation: string) =>
        client.call('chat.send', { conversation, kind: 'text', content: '@all', mentionAll: true });
      await mention(member, 'small');
      await mention(owner, 'big');
      await expect(mention(member, 'big')).rejects.toMatchObject(refused('forbidden'));
      expect(await stateOf(member, 'big')).toMatchObject({ unread: 1, mentions: 1 });
      expect(await stateOf(owner, 'small')).toMatchObject({ unread: 1, mentions: 1 });
    });

    it('who has read is counted and listed in pages, to members only', async () => {
      const readers = MEMBERS.slice(10, 17);
      for (const user of [...readers, 'm00'])
        await (await connect(user)).call('chat.read', { conversation: GROUP, seq: 2 });
      const asking = await connect('m29');
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await asking.call('chat.readers', { conversation: GROUP, seq: 2, cursor, limit: 3 });
        expect(page.count).toBe(readers.length);
        seen.push(...page.readers.map(({ user }) => user));
        cursor = page.next ?? undefined;
      } while (cursor);
      expect(seen).toEqual(readers);
      const none = await asking.call('chat.readers', { conversation: GROUP, seq: 3 });
      expect(none).toEqual({ count: 0, readers: [], next: null });

      const stranger = await connect('stranger');
      for (const [who, query] of [
        [stranger, { conversation: GROUP, seq: 2 }],
        [asking, { conversation: GROUP, seq: 4 }],
        [asking, { conversation: 'absent', seq: 1 }],
        [asking, { conversation: 'broadcast:all', seq: 1 }],
        [asking, { conversation: 'inbox:m29', seq: 1 }],
      ] as const)
        await expect(who.call('chat.readers', query)).rejects.toMatchObject(refused('not_found'));
    });

    it('reading is told to the reader’s own devices, and to nobody else', async () => {
      const [phone, laptop, author] = [await connect('m20'), await connect('m20'), await connect('m00')];
      await phone.call('chat.read', { conversation: GROUP, seq: 3 });
      await laptop.frame(
        ({ type, data }) => type === 'chat.receipt' && (data as { kind: string }).kind === 'read',
      );
      await author.call('ping');
      expect(author.dataOf('chat.receipt')).toEqual([]);
    });

    it('who has read is not told where there are too many to look at', async () => {
      const asked = (await connect('c1')).call('chat.readers', { conversation: 'crowd', seq: 2 });
      await expect(asked).rejects.toMatchObject(refused('refused'));
    });

    it('typing is told to the other members who are there, and ends by itself when the typist is gone', async () => {
      const [typist, other, member, stranger] = await Promise.all(
        ['m05', 'm05', 'm06', 'stranger'].map(connect),
      );
      await Promise.all([member!, other!].map((client) => client.event('chat.synced')));
      for (let n = 0; n < 20; n++) await typist!.call('chat.typing', { conversation: GROUP });
      await member!.event('chat.typing');
      typist!.terminate();
      await member!.until(() => member!.dataOf('chat.typing').length === 2);
      const about = { conversation: GROUP, from: 'm05' };
      expect(member!.dataOf('chat.typing')).toEqual([
        { ...about, active: true },
        { ...about, active: false },
      ]);
      for (const client of [other!, stranger!]) {
        await client.call('ping');
        expect(client.dataOf('chat.typing')).toEqual([]);
      }
      await expect(stranger!.call('chat.typing', { conversation: GROUP })).rejects.toMatchObject(
        refused('not_found'),
      );
      await expect(stranger!.call('chat.typing', { conversation: 'absent' })).rejects.toMatchObject(
        refused('not_found'),
      );
    });
  });
});
