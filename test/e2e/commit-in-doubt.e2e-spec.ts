import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChatMessage } from '@rookery/protocol';
import { ForgetfulLink } from '../support/forgetful-link.js';
import { mariaDbUrl } from '../support/mariadb.js';
import { stores } from '../support/stores.js';
import { useServer } from '../support/use-server.js';

const mariaDb = mariaDbUrl();

describe.skipIf(!mariaDb)('a commit of which the answer was lost (MariaDB)', () => {
  let link: ForgetfulLink;

  beforeAll(async () => {
    link = await ForgetfulLink.open(String(mariaDb));
  });
  afterAll(() => link.close());

  const { connect } = useServer({
    open: async () => {
      const store = await stores()[1]?.open();
      if (!store?.databaseUrl) throw new Error('There is no MariaDB');
      return { ...store, databaseUrl: link.through(store.databaseUrl) };
    },
  });

  const text = (content: string) => ({ to: 'bob', kind: 'text' as const, content, clientId: content });

  it('is told to every connection, the sender’s too, once and in order, and a repetition is free', async () => {
    const [alice, phone, bob] = [await connect('alice'), await connect('alice'), await connect('bob')];
    await Promise.all([alice, phone, bob].map((client) => client.event('chat.synced')));
    await alice.call('chat.send', text('first'));
    link.loseAnswerTo('the-one-in-doubt');
    await expect(alice.call('chat.send', text('the-one-in-doubt'))).rejects.toMatchObject({
      data: { code: 'unavailable', retryable: true },
    });
    await alice.event('chat.message');
    expect(await alice.call('chat.send', text('the-one-in-doubt'))).toMatchObject({
      seq: 2,
      duplicate: true,
    });
    expect(await alice.call('chat.send', text('last'))).toMatchObject({ seq: 3, duplicate: false });
    await Promise.all(
      [phone, bob].map((client) => client.until(() => client.dataOf('chat.message').length === 3)),
    );
    const seen = [alice, phone, bob].map((client) =>
      client.dataOf<ChatMessage>('chat.message').map(({ seq, content }) => `${seq} ${content}`),
    );
    const all = ['1 first', '2 the-one-in-doubt', '3 last'];
    expect(seen).toEqual([[all[1]], all, all]);
  });
});
