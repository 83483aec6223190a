import { describe, expect, it } from 'vitest';
import type { ChatMessage, Commands } from '@rookery/protocol';
import { groupOf, inGroup, storeEntries } from '../support/group.js';
import { RawClient, tokenFor } from '../support/raw-client.js';
import { TestServer } from '../support/server.js';
import { stores } from '../support/stores.js';
import { useServer } from '../support/use-server.js';

type Query = Commands['search.messages']['data'];

describe.each(stores())('search.messages on $name', ({ open }) => {
  const stage = useServer({ open, env: { LOG_LEVEL: 'warn' } });

  const connect = async (user: string): Promise<RawClient> => {
    return stage.connect(user);
  };
  const say = (from: RawClient, to: string, content: string) =>
    from.call('chat.send', { to, kind: 'text', content });
  /** Until the answer is complete: on a busy machine the indexer may need more than one search's patience. */
  const search = async (client: RawClient, query: string, more: Partial<Query> = {}) => {
    for (;;) {
      const reply = await client.call('search.messages', { query, ...more });
      if (reply.complete) return reply;
    }
  };
  const texts = async (client: RawClient, query: string, more: Partial<Query> = {}) =>
    (await search(client, query, more)).results.map(({ message }) => (message as ChatMessage).content);

  it('finds at once what was sent, in any script, by parts of words and single characters', async () => {
    const [ann, ben] = [await connect('ann'), await connect('ben')];
    const sent = [
      'Hello World',
      '我们明天去北京出差',
      'Crème brûlée',
      'Привет, мир',
      '明日は学校です',
      'a w x',
    ];
    for (const text of sent) await say(ann, 'ben', text);
    expect(await texts(ben, 'hello')).toEqual([sent[0]]);
    expect(await texts(ben, 'wor HEL')).toEqual([sent[0]]);
    expect(await texts(ben, '北京')).toEqual([sent[1]]);
    expect(await texts(ben, '京')).toEqual([sent[1]]);
    expect(await texts(ben, '明')).toEqual([sent[4], sent[1]]);
    expect(await texts(ben, '明天去北京出差')).toEqual([sent[1]]);
    expect(await texts(ben, '北天')).toEqual([]);
    expect(await texts(ben, 'creme')).toEqual([sent[2]]);
    expect(await texts(ben, 'приве')).toEqual([sent[3]]);
    expect(await texts(ben, 'w')).toEqual([sent[5]]);
    expect(await texts(ann, 'hello')).toEqual([sent[0]]);
    const { results } = await search(ben, 'world');
    expect(results).toMatchObject([
      {
        message: { event: 'chat.message', from: 'ann', seq: 1 },
        snippet: { text: 'Hello World', marks: [[6, 11]] },
      },
    ]);
  });

  it('finds nothing that is not for the caller', async () => {
    const [cleo, dan, eve] = await Promise.all(['cleo', 'dan', 'eve'].map(connect));
    const { conversation } = await say(cleo!, 'dan', 'the secret word is xylophone');
    expect(await texts(dan!, 'xylophone')).toHaveLength(1);
    expect(await texts(eve!, 'xylophone')).toEqual([]);
    for (const id of [conversation, 'absent', 'inbox:dan', 'dm:x:y:z'])
      await expect(
        eve!.call('search.messages', { query: 'xylophone', conversation: id }),
      ).rejects.toMatchObject({
        data: { code: 'not_found' },
      });
  });

  it('keeps to conversation, sender, kind and time', async () => {
    const [fay, gus, hal] = await Promise.all(['fay', 'gus', 'hal'].map(connect));
    await say(fay!, 'gus', 'report one');
    await say(gus!, 'fay', 'report two');
    const third = await say(hal!, 'fay', 'report three');
    await fay!.call('chat.send', {
      to: 'hal',
      kind: 'file',
      content: { url: '/files/1', name: 'Report 2026.pdf' },
    });
    const found = async (more: Partial<Query>) =>
      (await search(fay!, 'report', more)).results.map(({ message }) => message.id).sort();
    expect(await found({})).toHaveLength(4);
    expect(await found({ conversation: 'dm:fay:gus' })).toEqual(['dm:fay:gus#1', 'dm:fay:gus#2']);
    expect(await found({ from: 'gus' })).toEqual(['dm:fay:gus#2']);
    expect(await found({ kinds: ['file', 'image'] })).toEqual(['dm:fay:hal#2']);
    expect(await found({ before: third.time, from: 'hal' })).toEqual([]);
    expect(await found({ after: third.time - 1, before: third.time + 1, from: 'hal' })).toEqual([third.id]);
  });

  it('is paged, each result once, the newest first, and the same over REST', async () => {
    const [ida, jon] = [await connect('ida'), await connect('jon')];
    const ids: string[] = [];
    for (let n = 0; n < 23; n++) ids.unshift((await say(ida, 'jon', `needle ${n}`)).id);
    await search(jon, 'needle');
    const seen: string[] = [];
    let cursor = '';
    do {
      const query = new URLSearchParams({
        query: 'needle',
        limit: '5',
        kinds: 'text,image',
        ...(cursor && { cursor }),
      });
      const answer = await fetch(`${stage.server.url}/api/v1/search/messages?${query}`, {
        headers: { Authorization: `Bearer ${tokenFor('jon')}` },
      });
      const { results, next } = (await answer.json()) as Commands['search.messages']['reply'];
      seen.push(...results.map(({ message }) => message.id));
      cursor = next ?? '';
    } while (cursor);
    expect([...seen].sort()).toEqual([...ids].sort());
    expect((await search(jon, 'needle', { limit: 50 })).results.map(({ message }) => message.id)).toEqual(
      seen,
    );
  });

  it('takes signs for signs: nothing in a query is an instruction to the database', async () => {
    const [kim, lea] = [await connect('kim'), await connect('lea')];
    await say(kim, 'lea', 'plain words only');
    for (const query of [
      `words" OR "1`,
      `words') ; DROP TABLE search_documents; --`,
      'NOT words',
      'words NEAR only',
      '+words -plain',
      'terms:words',
      'w*',
      '"words',
      '(words',
      'words)',
      '^words',
      '@distance words',
      'words ~only',
      '{words}',
      'NULL OR words',
      '%_words',
      '\\words\u0000',
    ])
      expect(Array.isArray((await lea.call('search.messages', { query })).results)).toBe(true);
    expect(await texts(lea, 'words')).toEqual(['plain words only']);
    expect(await texts(lea, '-words +(only)')).toEqual(['plain words only']);
    expect(stage.server.output).not.toMatch(/"level":(40|50|60)/);
  });

  it('leaves out what came before joining or after leaving', async () => {
    const members = ['mia', 'ned'];
    await storeEntries(stage.server, [
      groupOf('club', members),
      inGroup('club', 'mia', 'zebra1', { content: 'zebra one' }),
      {
        ...inGroup('club', 'mia', 'late', { content: 'late zebra' }),
        rule: ({ seq }) => ({
          relations: [
            { user: 'ola', joined: seq - 1, left: null },
            { user: 'ned', left: seq - 1 },
          ],
        }),
      },
    ]);
    const mia = await connect('mia');
    await say(mia, 'ned', 'wakes the indexer');
    await stage.server.kill();
    await stage.server.restart();
    const [mia2, ned2, ola2] = await Promise.all(['mia', 'ned', 'ola'].map(connect));
    expect(await texts(mia2!, 'zebra')).toEqual(['late zebra', 'zebra one']);
    expect(await texts(ned2!, 'zebra')).toEqual(['zebra one']);
    expect(await texts(ola2!, 'zebra')).toEqual(['late zebra']);
  });

  it('finds an edited text by its new words, and nothing of what was recalled or hidden', async () => {
    const [pia, quin] = [await connect('pia'), await connect('quin')];
    const { conversation } = await say(pia, 'quin', 'originalword here');
    await say(pia, 'quin', 'regrettable here');
    expect(await texts(quin, 'originalword')).toHaveLength(1);
    await pia.call('chat.edit', { conversation, seq: 1, content: 'replacement here' });
    await pia.call('chat.recall', { conversation, seq: 2 });
    await say(pia, 'quin', 'and on we go');
    expect(await texts(quin, 'replacement')).toEqual(['replacement here']);
    expect(await texts(quin, 'originalword')).toEqual([]);
    expect(await texts(quin, 'regrettable')).toEqual([]);
    expect(await texts(quin, 'here')).toEqual(['replacement here']);
    await quin.call('chat.hide', { conversation, seqs: [1] });
    expect(await texts(quin, 'here')).toEqual([]);
    expect(await texts(pia, 'here')).toEqual(['replacement here']);
  });

  it('loses nothing when the server is killed while it indexes', async () => {
    const [ria, sam] = [await connect('ria'), await connect('sam')];
    const count = 400;
    const sent = Array.from({ length: count }, (_, n) => say(ria, 'sam', `survivor ${n}`));
    await Promise.all(sent);
    await stage.server.kill();
    await stage.server.restart();
    const client = await connect('sam');
    const found = new Set<string>();
    await search(client, 'survivor');
    let cursor: string | undefined;
    do {
      const page = await client.call('search.messages', { query: 'survivor', limit: 50, cursor });
      for (const { message } of page.results) found.add(message.id);
      cursor = page.next ?? undefined;
    } while (cursor);
    expect(found.size).toBe(count);
    await sam.closed();
  });
});

describe('search that is switched off', () => {
  it('is refused, and indexes nothing', async () => {
    const server = await TestServer.start({ env: { SEARCH_ENABLED: 'false' } });
    const client = await RawClient.connect(server, 'tom');
    await expect(client.call('search.messages', { query: 'x' })).rejects.toMatchObject({
      data: { code: 'refused' },
    });
    await client.close();
    await server.stop();
  });
});
