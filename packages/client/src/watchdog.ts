import type { Clock } from './clock.js';

/** Milliseconds to wait for the answer to a ping, at most. */
const ANSWER_TIME = 10_000;

/** Notices a dead line: a script in a browser does not see the server's pings, so it asks when all is silent. */
export class Watchdog {
  private lastSign: number;
  private callOff: () => void;

  /** `interval` in milliseconds; `ask` sends a ping, `onSilence` is called when nothing comes back. */
  constructor(
    private readonly clock: Clock,
    private readonly interval: number,
    private readonly ask: () => void,
    private readonly onSilence: () => void,
  ) {
    this.lastSign = clock.now();
    this.callOff = clock.after(interval, () => this.look());
  }

  /** Any frame is a sign of life. */
  sawLife(): void {
    this.lastSign = this.clock.now();
  }

  stop(): void {
    this.callOff();
  }

  private look(): void {
    const silent = this.clock.now() - this.lastSign;
    if (silent < this.interval) return this.lookAgain(Math.ceil(this.interval - silent));
    const asked = this.clock.now();
    this.ask();
    this.callOff = this.clock.after(Math.min(ANSWER_TIME, this.interval), () => this.judge(asked));
  }

  private judge(asked: number): void {
    if (this.lastSign < asked) this.onSilence();
    else this.lookAgain(this.interval);
  }

  private lookAgain(wait: number): void {
    this.callOff = this.clock.after(wait, () => this.look());
  }
}
