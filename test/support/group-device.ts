import type { Frame, HistoryEntry, Stored } from '@rookery/protocol';
import { Wire } from './wire.js';

/** One device of a user: which entries it was brought, by conversation, in the order of their arrival. */
export class GroupDevice {
  readonly seqs = new Map<string, number[]>();
  private arrived: () => void = () => undefined;
  private wireValue?: Wire;

  private constructor() {}

  static async connect(server: { port: number }, user: string, device: string): Promise<GroupDevice> {
    const one = new GroupDevice();
    let synced: () => void = () => undefined;
    const ready = new Promise<void>((resolve) => (synced = resolve));
    one.wireValue = await Wire.connect(server, user, {
      query: { device },
      onEvent: (frame) => (frame.type === 'chat.synced' ? synced() : one.take(frame)),
    });
    await ready;
    return one;
  }

  get wire(): Wire {
    return this.wireValue as Wire;
  }

  of(conversation: string): readonly number[] {
    return this.seqs.get(conversation) ?? [];
  }

  /** Everything that was on its way when this is called has arrived. */
  async settle(): Promise<void> {
    await this.wire.call('ping');
  }

  /** Resolves when the condition holds, or after `timeout` milliseconds: then the test sees what is missing. */
  until(holds: () => boolean, timeout = 20_000): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeout);
      this.arrived = () => {
        if (!holds()) return;
        clearTimeout(timer);
        this.arrived = () => undefined;
        resolve();
      };
      this.arrived();
    });
  }

  private take({ type, data }: Frame): void {
    if (type !== 'chat.message' && type !== 'group.changed') return;
    const { conversation, seq } = data as Stored;
    const known = this.seqs.get(conversation);
    if (known) known.push(seq);
    else this.seqs.set(conversation, [seq]);
    this.arrived();
  }
}

/** All that a user may read of a conversation, page by page. */
export async function wholeHistory(wire: Wire, conversation: string): Promise<HistoryEntry[]> {
  const entries: HistoryEntry[] = [];
  for (;;) {
    const after = entries.at(-1)?.seq ?? 0;
    const { messages, more } = await wire.call('chat.history', { conversation, after, limit: 200 });
    entries.push(...messages);
    if (!more) return entries;
  }
}
