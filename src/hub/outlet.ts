/** The writing side of one socket, as the hub sees it. */
export interface Outlet {
  /** False as soon as either side has begun to close. */
  readonly open: boolean;
  /** Bytes accepted by `write` that the kernel has not taken yet. */
  readonly bufferedBytes: number;
  /** Queues a complete frame; all frames of one event-loop turn leave in one system call. Ignored once closed. */
  write(frame: Buffer): void;
  /** Like {@link write} for complete frames that are `bytes` together. The list is not changed, by either side. */
  writeAll(frames: readonly Buffer[], bytes: number): void;
  /** Hands over what is queued now, not at the end of the turn, unless the socket is full. */
  endTurn(): void;
  /** Sends what is queued, then the close frame. */
  close(code: number, reason: string): void;
  ping(): void;
  /** Cuts the socket without a closing handshake. */
  terminate(): void;
  /** Calls `last` once, when what is queued is about to be handed to the kernel; a frame that it gives goes behind it. */
  beforeFlush(last: () => Buffer | undefined): void;
  /** Asks to be told once, by `Connection.drained`, when what waits has gone. */
  awaitDrain(): void;
}
