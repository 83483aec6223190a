import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ChatMessage } from '@rookery/protocol';
import { mutatedBytes, mutatedFrame, randomOf, type Random } from '../support/fuzz.js';
import { RawClient } from '../support/raw-client.js';
import { RawSocket } from '../support/raw-socket.js';
import { TestServer } from '../support/server.js';

const DURATION = 20_000;
const LANES = 8;
const FRAMES_PER_CONNECTION = 40;

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start({ env: { TRUSTED_PROXIES: '127.0.0.1' } });
});
afterAll(() => server.stop());

/** Some frames bring wrong tokens, and an address with a thousand of them in a minute has to wait. */
const addressOf = (connection: number): string => `10.0.${(connection >> 8) % 256}.${connection % 256}`;

/** One connection that is fed until it has had enough or is closed. */
async function torment(random: Random, user: string, address: string): Promise<void> {
  const socket = await RawSocket.connect(server, user, { headers: { 'X-Forwarded-For': address } });
  const rough = random(3) === 0;
  for (let index = 0; index < FRAMES_PER_CONNECTION && !socket.ended; index++) {
    socket.send(rough ? mutatedBytes(random) : mutatedFrame(random));
    if (random(4) === 0) await new Promise(setImmediate);
  }
  if (random(2) === 0) socket.socket.end();
  else if (!rough && !socket.ended)
    await Promise.race([socket.answerTo('ping'), socket.closed()]).catch(() => undefined);
  socket.destroy();
}

async function heapBytes(): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\S+)/m.exec(text)?.[1]);
}

it('random and mutated frames harm neither the server nor a client beside them', async () => {
  const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
  console.log(`fuzz seed ${seed} (FUZZ_SEED=${seed} repeats it)`);
  const [sender, receiver] = await Promise.all(
    ['honest', 'reader'].map((user) => RawClient.connect(server, user)),
  );
  if (!sender || !receiver) throw new Error('not connected');
  const ends = Date.now() + DURATION;
  let connections = 0;
  let honest = 0;
  const attack = async (lane: number): Promise<void> => {
    const random = randomOf(seed + lane);
    for (; Date.now() < ends; connections++) await torment(random, `fuzz${lane}`, addressOf(connections));
  };
  const behave = async (): Promise<void> => {
    for (; Date.now() < ends; honest++)
      await sender.call('chat.send', { to: 'reader', kind: 'text', content: String(honest) });
  };
  await torment(randomOf(seed), 'warm-up', addressOf(0));
  const before = await heapBytes();
  await Promise.all([behave(), ...Array.from({ length: LANES }, (_, lane) => attack(lane))]);
  await receiver.until(() => receiver.dataOf('chat.message').length === honest);

  const received = receiver.dataOf<ChatMessage>('chat.message').map(({ content }) => Number(content));
  expect(received).toEqual(Array.from({ length: honest }, (_, index) => index));
  expect([sender.closeCode, receiver.closeCode]).toEqual([undefined, undefined]);
  expect(connections).toBeGreaterThan(100);
  await expect
    .poll(
      async () =>
        (await (await fetch(`${server.url}/metrics`)).text()).match(/^rookery_connections (\d+)/m)?.[1],
      { timeout: 15_000 },
    )
    .toBe('2');
  expect((await heapBytes()) - before).toBeLessThan(150 * 1024 * 1024);
  expect(server.output).not.toMatch(/unhandled|uncaught|"level":[56]0/i);
  await Promise.all([sender.close(), receiver.close()]);
});
