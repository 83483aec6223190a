import type { Commands } from '@rookery/protocol';
import { entryOf, type Entry } from './entry.js';
import { ClientErrorCode, isConnectionLost, toRookeryError, type RookeryError } from './rookery-error.js';
import type { Timeline } from './timeline.js';

type History = Commands['chat.history']['reply'];

export interface GapFillerPort {
  read(conversation: string, after: number): Promise<History>;
  pause(attempt: number, retryAfter?: number): Promise<void>;
  /** Undefined: not now. */
  timeline(conversation: string): Timeline | undefined;
  onEntries(conversation: string, entries: readonly Entry[]): void;
  onError(error: RookeryError): void;
}

/** Reads what is missing from the history, one conversation after another and page by page. */
export class GapFiller {
  private readonly waiting = new Set<string>();
  private running = false;

  constructor(private readonly port: GapFillerPort) {}

  add(conversation: string): void {
    this.waiting.add(conversation);
    if (!this.running) void this.run();
  }

  private async run(): Promise<void> {
    this.running = true;
    for (const conversation of this.waiting) {
      await this.fill(conversation);
      this.waiting.delete(conversation);
    }
    this.running = false;
  }

  private async fill(conversation: string): Promise<void> {
    let failures = 0;
    for (;;) {
      const timeline = this.port.timeline(conversation);
      if (!timeline?.hasHole) return;
      try {
        await this.readPage(conversation, timeline);
        failures = 0;
      } catch (error) {
        if (isConnectionLost(error)) return;
        await this.failed(conversation, timeline, error, failures++);
      }
    }
  }

  private async readPage(conversation: string, timeline: Timeline): Promise<void> {
    const after = timeline.position ?? 0;
    const { messages, head, more } = await this.port.read(conversation, after);
    const last = messages.at(-1)?.seq ?? after;
    this.port.onEntries(
      conversation,
      timeline.takePage(messages.map(entryOf), more ? last : Math.max(head, last)),
    );
    if (timeline.position === after) this.port.onEntries(conversation, timeline.giveUp());
  }

  private async failed(
    conversation: string,
    timeline: Timeline,
    error: unknown,
    failures: number,
  ): Promise<void> {
    const failure = toRookeryError(error, ClientErrorCode.ConnectionLost);
    if (failure.retryable) return this.port.pause(failures, failure.retryAfter);
    this.port.onError(failure);
    this.port.onEntries(conversation, timeline.giveUp());
  }
}
