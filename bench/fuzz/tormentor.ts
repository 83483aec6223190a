import { mutatedBytes, mutatedFrame, randomOf, type Random } from '../../test/support/fuzz.js';
import { RawSocket } from '../../test/support/raw-socket.js';

/** Frames on one connection, unless it is cut before. */
const FRAMES_PER_CONNECTION = 60;
/** Frames after which a torment pauses for a turn, on average, so that answers are read. */
const PAUSE_EVERY = 8;

export interface Target {
  port: number;
}

/** Feeds fuzzed frames to a server, on one connection after the other. */
export class Tormentor {
  frames = 0;
  connections = 0;
  /** Connections that the server ended. */
  cut = 0;
  private readonly random: Random;

  constructor(
    private readonly server: Target,
    private readonly number: number,
    seed: number,
  ) {
    this.random = randomOf(seed + number);
  }

  async run(isEnough: () => boolean): Promise<void> {
    while (!isEnough()) await this.torment();
  }

  private async torment(): Promise<void> {
    const { random } = this;
    const headers = { 'X-Forwarded-For': this.address() };
    const socket = await RawSocket.connect(this.server, `fuzz${this.number}`, { headers });
    this.connections++;
    // Bytes that are no frames soon end a connection, texts do not: half of the connections get nothing else.
    const isRough = random(2) === 0;
    for (let count = 0; count < FRAMES_PER_CONNECTION && !socket.ended; count++) {
      socket.send(isRough && random(3) === 0 ? mutatedBytes(random) : mutatedFrame(random));
      this.frames++;
      if (random(PAUSE_EVERY) === 0) await new Promise(setImmediate);
    }
    if (socket.ended || socket.closeCode !== undefined) this.cut++;
    else if (!isRough) await Promise.race([socket.answerTo('ping'), socket.closed()]).catch(() => undefined);
    socket.destroy();
  }

  /** Whoever brings bad tokens is shut out by address: each connection comes from another. */
  private address(): string {
    return `10.${this.number}.${(this.connections >> 8) & 255}.${this.connections & 255}`;
  }
}
