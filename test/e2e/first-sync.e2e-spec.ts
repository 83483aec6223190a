import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RawClient, tokenFor } from '../support/raw-client.js';
import { TestServer } from '../support/server.js';

const USERS = Array.from({ length: 20 }, (_, index) => `new-${index}`);

describe('a user whom the server has never seen', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await TestServer.start();
    const response = await fetch(`${server.url}/api/ws/broadcast`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${tokenFor('root', { role: 'admin' })}`,
        'Content-Type': 'application/json',
      },
      body: JSON.stringify({ type: 'news', content: 'for everybody' }),
    });
    if (!response.ok) throw new Error(`The broadcast was answered ${response.status}`);
  });
  afterAll(() => server.stop());

  it('has the broadcasts in his very first sync, even if that follows his token in one breath', async () => {
    for (const user of USERS) {
      const client = await RawClient.connect(server, user, { token: null, query: { sync: 'self' } });
      client.sendFrame({ type: 'auth', id: 'a', data: { token: tokenFor(user) } });
      client.sendFrame({ type: 'chat.sync', id: 's' });
      const { data } = await client.frame(({ id }) => id === 's');
      expect(data).toMatchObject({ conversations: [{ conversation: 'broadcast:all', head: 1 }] });
      await client.close();
    }
  });

  it('has them over REST alone', async () => {
    const response = await fetch(`${server.url}/api/v1/conversations`, {
      headers: { Authorization: `Bearer ${tokenFor('rest-only')}` },
    });
    expect(await response.json()).toMatchObject({
      conversations: [{ conversation: 'broadcast:all', head: 1 }],
    });
  });
});
