import { numberAt } from './number-at.js';

/** Milliseconds for which marks are gathered, as the SDK does. */
const DELAY = 100;
const SEQ = '"seq":';

/** Says now and then how far a client has come in its one conversation. */
export class DeliveryMarks {
  private reached = 0;
  private timer?: NodeJS.Timeout;

  constructor(private readonly tell: (seq: number) => void) {}

  /** A frame with an entry begins at a place. */
  saw(data: Buffer, start: number): void {
    this.reached = numberAt(data, data.indexOf(SEQ, start, 'latin1') + SEQ.length);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.tell(this.reached);
    }, DELAY);
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}
