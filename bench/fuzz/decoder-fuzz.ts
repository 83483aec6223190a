import { Child } from '../lib/child.js';
import { Core } from '../lib/cores.js';
import { compiled } from '../lib/paths.js';

export interface DecoderReport {
  decoded: number;
  refused: number;
  /** Of decoding alone, without making the inputs. */
  seconds: number;
  /** Bytes after a full collection: at the start, and after each tenth. */
  heap: number[];
  faults: string[];
}

export interface DecoderFuzzOptions {
  count: number;
  seed: number;
  log: (line: string) => void;
}

const HEAP_TOLERANCE = 2 * 1024 ** 2;
const MEBIBYTE = 1024 ** 2;

/** Fuzzed inputs to the decoder in a process of its own; what was not as it should be. */
export async function fuzzDecoder({ count, seed, log }: DecoderFuzzOptions): Promise<string[]> {
  const args = ['--expose-gc', compiled('fuzz/decoder-process.js')];
  const { child } = await Child.start({ core: Core.Generator, args });
  try {
    const report = await child.call<DecoderReport>('run', { count, seed });
    const { decoded, refused, seconds, heap, faults } = report;
    const rate = Math.round((decoded + refused) / seconds);
    log(`decoder: seed ${seed}, ${decoded} decoded, ${refused} refused, ${rate} a second`);
    log(`decoder: heap ${heap.map((bytes) => (bytes / MEBIBYTE).toFixed(1)).join(' ')} MiB`);
    return [...faults, ...heapFaults(heap), ...countFaults(report, count)];
  } finally {
    await child.stop();
  }
}

/**
 * The first tenth is for the compilers. Tables of the engine come and go between two readings, but what leaks stays:
 * then the least of the later readings is above the early ones.
 */
function heapFaults([, warm = 0, ...later]: readonly number[]): string[] {
  const least = Math.min(...later.slice(later.length / 2));
  return least > warm + HEAP_TOLERANCE ? [`the heap of the decoder grew from ${warm} to ${least}`] : [];
}

function countFaults({ decoded, refused }: DecoderReport, count: number): string[] {
  const faults = decoded + refused === count ? [] : [`${decoded + refused} of ${count} came back`];
  // Inputs that are all sound, or all broken, would prove nothing.
  return decoded === 0 || refused === 0 ? [...faults, 'the inputs were all of one kind'] : faults;
}
