import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { mutatedPayload, randomOf } from '../../test/support/fuzz.js';
import { ROOT } from '../lib/paths.js';
import { ready, serve } from '../lib/rpc.js';
import type { DecoderReport } from './decoder-fuzz.js';

/**
 * The one place of the bench that looks behind the wire: it loads the decoder as it is built, in a process of its own,
 * to give it more than any socket could.
 */
const CODEC = pathToFileURL(join(ROOT, 'dist/transport/json-codec.js')).href;
const { JsonCodec } = (await import(CODEC)) as {
  JsonCodec: new () => { decode(payload: Buffer, isBinary: boolean): unknown };
};

/** Decodes between two looks at the clock. */
const CHUNK = 1000;
const EXPECTED: ReadonlySet<unknown> = new Set(['bad_frame', 'too_deep']);

function heapUsed(): number {
  for (let round = 0; round < 3; round++) void globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

function run({ count, seed }: { count: number; seed: number }): DecoderReport {
  const codec = new JsonCodec();
  const random = randomOf(seed);
  const report: DecoderReport = { decoded: 0, refused: 0, seconds: 0, heap: [heapUsed()], faults: [] };
  const tenth = Math.ceil(count / 10);
  for (let done = 0; done < count; done += CHUNK) {
    const inputs = Array.from({ length: Math.min(CHUNK, count - done) }, () => mutatedPayload(random));
    const start = performance.now();
    for (const input of inputs) decodeOne(codec, input, report);
    report.seconds += (performance.now() - start) / 1000;
    if (Math.floor((done + CHUNK) / tenth) > Math.floor(done / tenth)) report.heap.push(heapUsed());
  }
  return report;
}

function decodeOne(codec: InstanceType<typeof JsonCodec>, input: Buffer, report: DecoderReport): void {
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
