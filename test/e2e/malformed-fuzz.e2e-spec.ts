import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ChatMessage } from '@rookery/protocol';
import { RawClient } from '../support/raw-client.js';
import { rawFrame } from '../support/raw-frames.js';
import { RawSocket } from '../support/raw-socket.js';
import { TestServer } from '../support/server.js';

const DURATION = 20_000;
const LANES = 8;
const FRAMES_PER_CONNECTION = 40;

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(() => server.stop());

/** Mulberry32: the same seed, the same bytes. */
function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below) | 0;
  };
}
type Random = ReturnType<typeof randomOf>;

const SOUND = [
  '{"type":"ping","id":1}',
  '{"type":"chat.send","id":2,"data":{"to":"target","kind":"text","content":"hello","clientId":"c"}}',
  '{"type":"chat.send","data":{"to":"target","kind":"custom","content":{"a":[1,2,{"b":null}]}}}',
  '{"type":"chat.history","id":"h","data":{"to":"target","limit":5}}',
  '{"type":"chat.sync","id":3,"data":{"limit":2}}',
  '{"type":"chat.read","data":{"conversation":"dm:fuzz0:target","seq":1}}',
  '{"type":"chat.typing","data":{"to":"target"}}',
  '{"type":"auth","id":4,"data":{"token":"a.b.c"}}',
];
const PIECES = [
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '\\u0000',
  '\\ud800',
  'null',
  '-1',
  '1e999',
  '__proto__',
  '"data":',
  '\u0000',
  '鴉',
];

const bytes = (random: Random, length: number): Buffer =>
  Buffer.from(Array.from({ length }, () => random(256)));

/** One sound frame with some of its text changed, cut, doubled or replaced. */
function mutatedText(random: Random): Buffer {
  let text = SOUND[random(SOUND.length)] as string;
  for (let rounds = 1 + random(4); rounds > 0; rounds--) {
    const at = random(text.length + 1);
    const piece = PIECES[random(PIECES.length)] as string;
    const cut = random(3) === 0 ? random(8) : 0;
    text = random(5) === 0 ? text.slice(0, at) : text.slice(0, at) + piece + text.slice(at + cut);
  }
  return rawFrame({ payload: text });
}

/** A frame with one bit turned, or a piece of one, or anything. */
function mutatedBytes(random: Random): Buffer {
  const kind = random(4);
  if (kind === 0) return bytes(random, random(300));
  if (kind === 1)
    return rawFrame({
      opcode: random(16),
      fin: random(2) === 0,
      rsv: random(4) ? 0 : random(8),
      masked: random(8) > 0,
      payload: bytes(random, random(200)),
    });
  const frame = mutatedText(random);
  if (kind === 2) return frame.subarray(0, random(frame.length));
  const at = random(Math.min(frame.length, 16));
  frame[at] = (frame[at] as number) ^ (1 << random(8));
  return frame;
}

/** One connection that is fed until it has had enough or is closed. */
async function torment(random: Random, user: string): Promise<void> {
  const socket = await RawSocket.connect(server, user);
  const rough = random(3) === 0;
  for (let index = 0; index < FRAMES_PER_CONNECTION && !socket.ended; index++) {
    socket.send(rough ? mutatedBytes(random) : mutatedText(random));
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
    for (; Date.now() < ends; connections++) await torment(random, `fuzz${lane}`);
  };
  const behave = async (): Promise<void> => {
    for (; Date.now() < ends; honest++)
      await sender.call('chat.send', { to: 'reader', kind: 'text', content: String(honest) });
  };
  await torment(randomOf(seed), 'warm-up');
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
