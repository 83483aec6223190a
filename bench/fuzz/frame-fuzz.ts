import { TEST_SECRET } from '../../test/support/server.js';
import { describe, footprintOf, metricsOf } from '../lib/footprint.js';
import { footprintAtRest, leaks } from '../lib/leak-check.js';
import { WatchedServer } from '../lib/watched-server.js';
import { GoodPair } from './good-pair.js';
import { Tormentor } from './tormentor.js';

export interface FrameFuzzOptions {
  frames: number;
  /** Connections at a time. */
  lanes: number;
  seed: number;
  data: string;
  log: (line: string) => void;
}

const SERVER_ENV = {
  JWT_SECRET: TEST_SECRET,
  TRUSTED_PROXIES: '127.0.0.1',
  LOG_LEVEL: 'error',
  WS_HANDSHAKE_RATE: '100000',
};
/** Of the frames, before the baseline. */
const WARM_UP = 0.1;
const REPORT_EVERY = 10_000;

/** Fuzzed frames over sockets against a server that has two good clients to serve as well. */
export class FrameFuzz {
  private constructor(
    private readonly server: WatchedServer,
    private readonly options: FrameFuzzOptions,
  ) {}

  /** What was not as it should be. */
  static async run(options: FrameFuzzOptions): Promise<string[]> {
    const server = await WatchedServer.start(options.data, SERVER_ENV);
    try {
      return await new FrameFuzz(server, options).run();
    } finally {
      await server.stop();
      server.removeFiles();
    }
  }

  private async run(): Promise<string[]> {
    const { frames, seed, log } = this.options;
    log(`fuzz: seed ${seed}`);
    const warmUp = await this.torment(frames * WARM_UP, seed);
    const before = await footprintAtRest(this.server);
    log(`fuzz: before ${describe(before)}`);
    const faults = await this.torment(frames * (1 - WARM_UP), seed + 1000);
    const after = await footprintAtRest(this.server, before);
    log(`fuzz: after  ${describe(after)}`);
    return [...warmUp, ...faults, ...leaks(before, after), ...(await this.complaints())];
  }

  private async torment(frames: number, seed: number): Promise<string[]> {
    const { lanes, log } = this.options;
    const pair = await GoodPair.connect(this.server);
    pair.start();
    const tormentors = Array.from({ length: lanes }, (_, lane) => new Tormentor(this.server, lane, seed));
    const sum = (of: 'frames' | 'connections' | 'cut'): number =>
      tormentors.reduce((total, tormentor) => total + tormentor[of], 0);
    const start = performance.now();
    const report = setInterval(() => void this.progress(sum('frames')), REPORT_EVERY);
    try {
      await Promise.all(tormentors.map((tormentor) => tormentor.run(() => sum('frames') >= frames)));
    } finally {
      clearInterval(report);
      await pair.stop();
    }
    const seconds = (performance.now() - start) / 1000;
    log(
      `fuzz: ${sum('frames')} frames on ${sum('connections')} connections, ${sum('cut')} of them cut, in ` +
        `${seconds.toFixed(0)} s; the good pair: ${pair.sent} messages, slowest ${pair.slowest.toFixed(0)} ms`,
    );
    return pair.faults;
  }

  private async progress(frames: number): Promise<void> {
    this.options.log(`fuzz: ${frames} frames | ${describe(await footprintOf(this.server))}`);
  }

  private async complaints(): Promise<string[]> {
    const internal = (await metricsOf(this.server)).match(/^.*outcome="internal".*$/m);
    return [...this.server.complaints, ...(internal ?? [])];
  }
}
