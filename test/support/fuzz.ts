import { rawFrame } from './raw-frames.js';

/** Numbers below a bound. */
export type Random = (below: number) => number;

/** Mulberry32: the same seed, the same numbers. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below) | 0;
  };
}

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

/** The text of a sound frame, by default of a native one, with some of it changed, cut, doubled or replaced. */
export function mutatedText(random: Random, sound: readonly string[] = SOUND): string {
  if (random(3) === 0) return mutatedValues(random, sound);
  let text = sound[random(sound.length)] as string;
  for (let rounds = 1 + random(4); rounds > 0; rounds--) {
    const at = random(text.length + 1);
    const piece = PIECES[random(PIECES.length)] as string;
    const cut = random(3) === 0 ? random(8) : 0;
    text = random(5) === 0 ? text.slice(0, at) : text.slice(0, at) + piece + text.slice(at + cut);
  }
  return text;
}

const nested = (depth: number): unknown => (depth === 0 ? 0 : [nested(depth - 1)]);
/** As JSON, so that each use is a value of its own. */
const ODD_VALUES = [
  null,
  true,
  -1,
  0.5,
  2 ** 53,
  '',
  ' ',
  '\ud800',
  '\u0000',
  'a'.repeat(300),
  'dm:a:b:c',
  [],
  {},
  nested(12),
  nested(17),
  JSON.parse('{"__proto__":{"role":"admin"}}'),
  { constructor: 1 },
].map((value) => JSON.stringify(value));

/** A sound frame with odd values in odd places: good JSON, and wrong further in. */
function mutatedValues(random: Random, sound: readonly string[]): string {
  const frame = JSON.parse(sound[random(sound.length)] as string) as Record<string, unknown>;
  for (let rounds = 1 + random(2); rounds > 0; rounds--) {
    const place = random(4) > 0 && isObject(frame['data']) ? frame['data'] : frame;
    const keys = Object.keys(place);
    const key = random(6) === 0 ? 'odd' : (keys[random(keys.length)] ?? 'data');
    place[key] = JSON.parse(ODD_VALUES[random(ODD_VALUES.length)] as string);
  }
  return JSON.stringify(frame);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a decoder may be given: mutated text, now and then with broken UTF-8, or anything. */
export function mutatedPayload(random: Random): Buffer {
  if (random(16) === 0) return bytes(random, random(200));
  const payload = Buffer.from(mutatedText(random));
  if (payload.length > 0 && random(4) === 0) payload[random(payload.length)] = random(256);
  return payload;
}

/** A frame around a mutated text, as a browser would send it. */
export const mutatedFrame = (random: Random): Buffer => rawFrame({ payload: mutatedText(random) });

/** A frame with one bit turned, or a piece of one, or a text in fragments, or anything. */
export function mutatedBytes(random: Random): Buffer {
  const kind = random(6);
  if (kind === 0) return bytes(random, random(300));
  if (kind === 1)
    return rawFrame({
      opcode: random(16),
      fin: random(2) === 0,
      rsv: random(4) ? 0 : random(8),
      masked: random(8) > 0,
      payload: bytes(random, random(200)),
    });
  if (kind === 2) return fragments(random);
  if (kind === 3) return rawFrame({ payload: mutatedPayload(random), length: random(70_000) });
  const frame = mutatedFrame(random);
  if (kind === 4) return frame.subarray(0, random(frame.length));
  const at = random(Math.min(frame.length, 16));
  frame[at] = (frame[at] as number) ^ (1 << random(8));
  return frame;
}

/** A text cut anywhere, also within a character, and now and then with a ping in between or without its end. */
function fragments(random: Random): Buffer {
  const payload = mutatedPayload(random);
  const cut = random(payload.length + 1);
  const parts = [
    rawFrame({ payload: payload.subarray(0, cut), fin: false }),
    ...(random(3) === 0 ? [rawFrame({ opcode: 9, payload: 'between' })] : []),
    ...(random(4) > 0 ? [rawFrame({ opcode: 0, payload: payload.subarray(cut) })] : []),
  ];
  return Buffer.concat(parts);
}
