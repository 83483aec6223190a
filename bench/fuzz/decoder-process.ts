import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { mutatedPayload, randomOf, type Random } from '../../test/support/fuzz.js';
import { ROOT } from '../lib/paths.js';
import { ready, serve } from '../lib/rpc.js';
import type { DecoderReport } from './decoder-fuzz.js';

/**
 * The one place of the bench that looks behind the wire: it loads the decoder as it is built, in a process of its own,
 * to give it more than any socket could.
 */
const CODEC = pathToFileURL(join(ROOT, 'dist/transport/json-codec.js')).href;
const { JsonCodec } = (await import(CODEC)) as { JsonCodec: new () => Codec };

interface Codec {
  decode(payload: Buffer, isBinary: boolean): unknown;
}

/** Decodes between two looks at the clock. */
const CHUNK = 1000;
const EXPECTED: ReadonlySet<unknown> = new Set(['bad_frame', 'too_deep']);

/** In a turn of its own: what the turn before it held is let go. */
async function heapUsed(): Promise<number> {
  await nextTurn();
  for (let round = 0; round < 3; round++) void globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

async function run({ count, seed }: { count: number; seed: number }): Promise<DecoderReport> {
  const codec = new JsonCodec();
  const random = randomOf(seed);
  const report: DecoderReport = { decoded: 0, refused: 0, seconds: 0, heap: [await heapUsed()], faults: [] };
  const tenth = Math.ceil(count / 10);
  for (let done = 0; done < count; done += CHUNK) {
    decodeSome(codec, Math.min(CHUNK, count - done), random, report);
    if (Math.floor((done + CHUNK) / tenth) > Math.floor(done / tenth)) report.heap.push(await heapUsed());
  }
  return report;
}

function decodeSome(codec: Codec, count: number, random: Random, report: DecoderReport): void {
  const inputs = Array.from({ length: count }, () => mutatedPayload(random));
  const start = performance.now();
  for (const input of inputs) decodeOne(codec, input, report);
  report.seconds += (performance.now() - start) / 1000;
}

function decodeOne(codec: Codec, input: Buffer, report: DecoderReport): void {
  try {
    codec.decode(input, false);
    report.decoded++;
  } catch (error) {
    if (EXPECTED.has((error as { code?: unknown }).code)) report.refused++;
    else report.faults.push(`${String(error)} at ${input.toString('hex')}`);
  }
}

serve({ run });
ready();
