import { setPriority } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { ReadersState } from '../generators/channel-readers.js';
import type { Child } from '../lib/child.js';
import { Core, pin } from '../lib/cores.js';
import { metricsOf } from '../lib/footprint.js';
import type { LatencySummary } from '../lib/latencies.js';
import { WatchedServer } from '../lib/watched-server.js';

export interface StoppedOptions {
  /** Sockets that stop, and as many that do not. */
  sockets: number;
  /** Bytes of a message, and messages a second. */
  bytes: number;
  rate: number;
  /** Seconds of each phase before, and of the time without reading. */
  calm: number;
  stopped: number;
  /** Whether that is enough to fill the buffers of the kernel and of the server. */
  fills: boolean;
  /** Whether the heartbeat cuts those that stopped, so that they come back by their cursor. */
  cut: boolean;
  data: string;
  /** Where the build lies that is measured; default: this one. */
  root?: string;
  log: (line: string) => void;
}

export interface StoppedResult {
  /** p99 of the healthy, alone, with all reading, while the others have stopped, and while they catch up. */
  alone: number;
  before: number;
  during: number;
  after: number;
  /** Bytes of the server, at most: with all reading, and while the others have stopped. */
  rssBefore: number;
  rssDuring: number;
  rssAfter: number;
  /** Seconds until the last of them had everything. */
  recovery: number;
  /** Entries published while they did not read. */
  missed: number;
  faults: string[];
}

const SAMPLE_EVERY = 500;
const RECOVERY_PATIENCE = 120_000;
/** Of the process that stops to read, as for `nice`. */
const OTHERS_PRIORITY = 10;
/** Seconds: the heartbeat of a run in which it must not cut, and of one in which it must. */
const PATIENT = { WS_PING_INTERVAL: '30', WS_PONG_TIMEOUT: '300' };
const STRICT = { WS_PING_INTERVAL: '3', WS_PONG_TIMEOUT: '10' };

/** Many stop reading while the channel that all are in is hot: what it costs the server and those who go on reading. */
export class StoppedReaders {
  private readonly faults: string[] = [];

  constructor(
    private readonly server: WatchedServer,
    private readonly healthy: Child,
    private readonly others: Child,
    private readonly options: StoppedOptions,
  ) {}

  static async run(generator: () => Promise<Child>, options: StoppedOptions): Promise<StoppedResult> {
    const beat = options.cut ? STRICT : PATIENT;
    const server = await WatchedServer.start(options.data, { ...beat, LOG_LEVEL: 'error' }, options.root);
    pin(Core.Server, server.pid);
    const [healthy, others] = await Promise.all([generator(), generator()]);
    // What they have to read when they catch up must not keep the healthy from what is there for them.
    setPriority(others.pid, OTHERS_PRIORITY);
    try {
      return await new StoppedReaders(server, healthy, others, options).run();
    } finally {
      await Promise.all([healthy.stop(), others.stop(), server.stop()]);
      server.removeFiles();
    }
  }

  private async run(): Promise<StoppedResult> {
    const { sockets: count, calm, stopped, rate, bytes } = this.options;
    const { port } = this.server;
    await this.healthy.call('connect', { port, prefix: 'healthy', count });
    await this.healthy.call('publish', { port, rate, bytes });
    const alone = await this.measure('alone', calm);
    await this.others.call('connect', { port, prefix: 'other', count });
    await this.untilLive();
    const before = await this.measure('all read', calm);
    await this.others.call('stop');
    const head = await this.head();
    const during = await this.measure(`${count} have stopped`, stopped);
    const missed = (await this.head()) - head;
    await this.checkStopped(head);
    const start = performance.now();
    const after = await this.recover();
    const recovery = (performance.now() - start) / 1000;
    await this.finish();
    return {
      alone: alone.p99,
      before: before.p99,
      during: during.p99,
      after: after.p99,
      rssBefore: before.rss,
      rssDuring: during.rss,
      rssAfter: after.rss,
      recovery,
      missed,
      faults: this.faults,
    };
  }

  /** Newcomers have the backlog behind them, and nobody is late. */
  private async untilLive(): Promise<void> {
    const { rate } = this.options;
    for (const end = Date.now() + RECOVERY_PATIENCE; Date.now() < end; await delay(SAMPLE_EVERY)) {
      const states = await Promise.all(
        [this.healthy, this.others].map((child) => child.call<ReadersState>('state')),
      );
      const head = await this.head();
      if (states.every(({ least }) => least > head - rate / 4)) return;
    }
    this.faults.push('the newcomers did not come to the end');
  }

  /** Latencies of the healthy, and the most memory that the server had. */
  private async measure(
    what: string,
    seconds: number,
    isOver = async (): Promise<boolean> => false,
  ): Promise<{ p99: number; rss: number }> {
    await this.healthy.call('begin');
    let rss = 0;
    for (const end = Date.now() + seconds * 1000; Date.now() < end && !(await isOver());) {
      rss = Math.max(rss, await this.server.inspector.evaluate<number>('process.memoryUsage().rss'));
      await delay(SAMPLE_EVERY);
    }
    const { p50, p99, samples } = await this.healthy.call<LatencySummary>('end');
    this.options.log(
      `${what}: ${samples} deliveries to the healthy, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, ` +
        `server at most ${(rss / 1024 ** 2).toFixed(0)} MiB`,
    );
    return { p99, rss };
  }

  /** They must have stopped indeed, or nothing was shown. */
  private async checkStopped(head: number): Promise<void> {
    const { most } = await this.others.call<ReadersState>('state');
    const { rate, cut, sockets, fills } = this.options;
    if (most > head + 2 * rate) this.faults.push(`one went on reading, to ${most} from ${head}`);
    const metrics = await metricsOf(this.server);
    const value = (name: string): number => Number(new RegExp(`^${name} (\\d+)`, 'm').exec(metrics)?.[1]);
    const connected = value('rookery_connections');
    const behind = value('rookery_slow_connections\\{state="behind"\\}');
    const held = value('rookery_buffered_bytes\\{place="send"\\}');
    this.options.log(`${connected} connections, ${behind} behind, ${held} bytes wait to be sent`);
    const expected = cut ? sockets : 2 * sockets;
    if (connected !== expected) this.faults.push(`${connected} connections instead of ${expected}`);
    if (fills && !cut && behind !== sockets) this.faults.push(`${behind} of ${sockets} were behind`);
  }

  /** They read again, or come again, while the channel stays hot. */
  private async recover(): Promise<{ p99: number; rss: number }> {
    const { cut, rate } = this.options;
    const back = this.others.call(cut ? 'reconnect' : 'resume');
    const isOver = async (): Promise<boolean> => {
      const { least } = await this.others.call<ReadersState>('state');
      return least > (await this.head()) - rate;
    };
    const measured = await this.measure('they catch up', RECOVERY_PATIENCE / 1000, isOver);
    await back;
    return measured;
  }

  private async finish(): Promise<void> {
    await this.healthy.call('silence');
    const { head, refused } = await this.published();
    for (const child of [this.healthy, this.others]) {
      const state = await this.untilAt(child, head);
      if (state.least !== head || state.most !== head)
        this.faults.push(`some are at ${state.least}, some at ${state.most}, and the head is at ${head}`);
      this.faults.push(...state.faults);
      this.options.log(
        `${state.connected} at ${state.least} of ${head}, ${state.repeated} entries came again`,
      );
    }
    if (refused > 0) this.faults.push(`${refused} broadcasts were refused`);
    this.faults.push(...this.server.complaints);
  }

  private async untilAt(child: Child, head: number): Promise<ReadersState> {
    for (const end = Date.now() + RECOVERY_PATIENCE; ; await delay(SAMPLE_EVERY)) {
      const state = await child.call<ReadersState>('state');
      if (state.least >= head || Date.now() > end) return state;
    }
  }

  private async head(): Promise<number> {
    return (await this.healthy.call<{ head: number }>('published')).head;
  }

  private async published(): Promise<{ head: number; refused: number }> {
    for (;;) {
      const state = await this.healthy.call<{ head: number; refused: number; idle: boolean }>('published');
      if (state.idle) return state;
      await delay(SAMPLE_EVERY);
    }
  }
}
