import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Commands } from '@rookery/protocol';
import { databaseHistory } from '../support/history.js';
import { tokenFor, type CommandError } from '../support/raw-client.js';
import { Receiver } from '../support/receiver.js';
import { TestServer } from '../support/server.js';
import { Disconnected, Wire } from '../support/wire.js';

type Stored = Commands['chat.send']['reply'];

const TIMES = 1000;
/** On each of two connections at once, before both are cut and made anew. */
const PER_CONNECTION = 100;

describe('a message that is sent again and again', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await TestServer.start({ env: { LOG_LEVEL: 'error' } });
  });
  afterAll(() => server.stop());

  const draft = (to: string, clientId: string, content = 'once') => ({
    to,
    kind: 'text' as const,
    content,
    clientId,
  });

  /** Sends a number of times without waiting, and cuts the connection somewhere among the answers. */
  async function burst(user: string, to: string, cut: boolean): Promise<Stored[]> {
    const wire = await Wire.connect(server, user, { query: { sync: 'self' } });
    const answers = Array.from({ length: PER_CONNECTION }, () => wire.call('chat.send', draft(to, 'c-1')));
    if (cut) void answers[PER_CONNECTION / 2]?.then(() => wire.socket.terminate());
    const settled = await Promise.allSettled(answers);
    await wire.close();
    return settled.flatMap((outcome) => {
      if (outcome.status === 'fulfilled') return [outcome.value];
      if (outcome.reason instanceof Disconnected) return [];
      throw outcome.reason;
    });
  }

  it('is one message, one sequence number and one delivery, over reconnects and two connections at once', async () => {
    const receiver = new Receiver(server, 'bob', {}, false);
    await receiver.connect();
    const answers: Stored[] = [];
    for (let sent = 0; sent < TIMES; sent += 2 * PER_CONNECTION) {
      const both = [burst('alice', 'bob', true), burst('alice', 'bob', false)];
      answers.push(...(await Promise.all(both)).flat());
    }
    expect(answers.length).toBeGreaterThan(TIMES / 2);
    expect(new Set(answers.map(({ seq, id, time }) => `${seq} ${id} ${time}`)).size).toBe(1);
    expect(answers.filter(({ duplicate }) => !duplicate).length).toBeLessThanOrEqual(1);

    const last = await Wire.connect(server, 'alice');
    expect(await last.call('chat.send', draft('bob', 'c-2', 'the end'))).toMatchObject({ seq: 2 });
    await receiver.distinct.until(2);
    expect(receiver.sessions[0]?.map(({ seq, content }) => [seq, content])).toEqual([
      [1, 'once'],
      [2, 'the end'],
    ]);
    expect((await databaseHistory(server.databaseUrl)).map(({ clientId }) => clientId)).toEqual([
      'c-1',
      'c-2',
    ]);
    await Promise.all([last.close(), receiver.stop()]);
  });

  it('is refused as a conflict when its content changed', async () => {
    const wire = await Wire.connect(server, 'carol');
    await wire.call('chat.send', draft('dave', 'c-1', 'this'));
    const refusal = await wire
      .call('chat.send', draft('dave', 'c-1', 'that'))
      .catch((error: CommandError) => error);
    expect(refusal).toMatchObject({ data: { code: 'conflict', retryable: false } });
    expect(await wire.call('chat.send', draft('dave', 'c-1', 'this'))).toMatchObject({
      seq: 1,
      duplicate: true,
    });
    await wire.close();
  });

  it('is another message from another sender or in another conversation', async () => {
    const [erin, frank] = [await Wire.connect(server, 'erin'), await Wire.connect(server, 'frank')];
    const answers = [
      await erin.call('chat.send', draft('frank', 'same')),
      await frank.call('chat.send', draft('erin', 'same')),
      await erin.call('chat.send', draft('grace', 'same')),
    ];
    expect(answers.map(({ conversation, seq, duplicate }) => [conversation, seq, duplicate])).toEqual([
      ['dm:erin:frank', 1, false],
      ['dm:erin:frank', 2, false],
      ['dm:erin:grace', 1, false],
    ]);
    await Promise.all([erin.close(), frank.close()]);
  });

  const post = (key: string, content: string): Promise<Response> =>
    fetch(`${server.url}/api/v1/messages`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${tokenFor('heidi')}`,
        'Content-Type': 'application/json',
        'Idempotency-Key': key,
      },
      body: JSON.stringify({ to: 'ivan', kind: 'text', content }),
    });

  it('is stored once through REST with an Idempotency-Key, and the same one through a socket', async () => {
    const responses = await Promise.all(Array.from({ length: 50 }, () => post('key-1', 'once')));
    const answers = (await Promise.all(responses.map((response) => response.json()))) as Stored[];
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ id }) => id))).toEqual(new Set(['dm:heidi:ivan#1']));
    expect(answers.filter(({ duplicate }) => !duplicate)).toHaveLength(1);

    const wire = await Wire.connect(server, 'heidi');
    expect(await wire.call('chat.send', draft('ivan', 'key-1'))).toMatchObject({ seq: 1, duplicate: true });
    await wire.close();
    const conflict = await post('key-1', 'other');
    expect(conflict.status).toBe(409);
    expect(await conflict.json()).toMatchObject({ code: 'conflict', retryable: false });
  });
});
