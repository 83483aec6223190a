/** Does something at an even rate: what a slow turn has missed is made up for in the next. */
export class Pacer {
  private timer?: NodeJS.Timeout;

  constructor(private readonly act: () => void) {}

  start(perSecond: number): void {
    this.stop();
    const begin = performance.now();
    let done = 0;
    this.timer = setInterval(() => {
      const due = Math.floor(((performance.now() - begin) / 1000) * perSecond);
      for (; done < due; done++) this.act();
    }, 1);
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
