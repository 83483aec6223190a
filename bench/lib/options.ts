import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export interface Options {
  /** Names of workloads; empty: all. */
  workloads: string[];
  rounds: number;
  /** Length of each measured phase. */
  seconds: number;
  /** Length of the phase before each measured one, for the compilers and the caches. */
  warmUp: number;
  /** Only contenders whose name contains one of these; empty: all. */
  only: string[];
  /** A fraction of a second each, small numbers, sanity checks and no ratios. */
  smoke: boolean;
  /** The full numbers, where the default ones are smaller to save time. */
  full: boolean;
  /** Of an endurance run; each has its own default. */
  minutes?: number;
  /** Fuzzed frames over sockets, and fuzzed inputs to the decoder. */
  frames?: number;
  decodes?: number;
  /** Where another build of this server lies, which is measured beside this one. */
  baseline?: string;
  /** Where databases are made: a real disk, or the syncs cost nothing. */
  data: string;
  /** Where the tables are written as Markdown, and every figure as JSON. */
  out?: string;
  json?: string;
  list: boolean;
}

export const USAGE = `npm run bench [-- name ...] [options]

  --rounds N       rounds, interleaved (3)
  --seconds N      measured seconds of each phase (3)
  --warm-up N      seconds before each of them (1.5)
  --only TEXT      only contenders whose name contains TEXT; may be repeated
  --full           the full numbers, where the default saves time
  --smoke          a glimpse of everything, to see that it works
  --minutes N      length of an endurance run
  --frames N       fuzzed frames
  --decodes N      fuzzed inputs to the decoder
  --baseline DIR   another checkout with its build, measured beside this one
  --data DIR       where databases are made (the temporary folder)
  --out FILE       the tables as Markdown
  --json FILE      every figure as JSON
  --list           the workloads`;

const SMOKE = { rounds: 1, seconds: 0.2, warmUp: 0.1 };

export function parseOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      'warm-up': { type: 'string' },
      only: { type: 'string', multiple: true },
      smoke: { type: 'boolean', default: false },
      full: { type: 'boolean', default: false },
      minutes: { type: 'string' },
      frames: { type: 'string' },
      decodes: { type: 'string' },
      baseline: { type: 'string' },
      data: { type: 'string', default: tmpdir() },
      out: { type: 'string' },
      json: { type: 'string' },
      list: { type: 'boolean', default: false },
    },
  });
  const { smoke, full, data, out, json, list } = values;
  return {
    workloads: positionals,
    rounds: positive('rounds', values.rounds, smoke ? SMOKE.rounds : 3),
    seconds: positive('seconds', values.seconds, smoke ? SMOKE.seconds : 3),
    warmUp: positive('warm-up', values['warm-up'], smoke ? SMOKE.warmUp : 1.5),
    only: values.only ?? [],
    minutes: optional('minutes', values.minutes),
    frames: optional('frames', values.frames),
    decodes: optional('decodes', values.decodes),
    smoke,
    full,
    baseline: values.baseline && resolve(values.baseline),
    data,
    out,
    json,
    list,
  };
}

function positive(name: string, text: string | undefined, byDefault: number): number {
  const value = text === undefined ? byDefault : Number(text);
  if (!(value > 0)) throw new Error(`--${name} must be a positive number`);
  return value;
}

const optional = (name: string, text: string | undefined): number | undefined =>
  text === undefined ? undefined : positive(name, text, NaN);
