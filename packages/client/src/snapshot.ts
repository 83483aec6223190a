import type { Storage } from './storage.js';

/**
 * One JSON value in a storage, kept equal to what is in memory: one write at a time, the last state always last. Nothing
 * is written before {@link begin}: it would be over what an earlier life has kept.
 */
export class Snapshot<Value> {
  private begun = false;
  private dirty = false;
  private writing = false;

  /** `take` gives the value as it is now; undefined: there is nothing to keep. */
  constructor(
    private readonly storage: Storage,
    private readonly key: string,
    private readonly take: () => Value | undefined,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** What was kept; undefined where there is nothing, or nothing that can be read. */
  async load(): Promise<Value | undefined> {
    try {
      const text = await this.storage.get(this.key);
      return text == null ? undefined : (JSON.parse(text) as Value);
    } catch (error) {
      this.onError(error);
      return undefined;
    }
  }

  /** What was kept is in memory now. */
  begin(): void {
    this.begun = true;
    if (this.dirty) void this.write();
  }

  save(): void {
    this.dirty = true;
    if (this.begun && !this.writing) void this.write();
  }

  private async write(): Promise<void> {
    this.writing = true;
    while (this.dirty) {
      this.dirty = false;
      await this.writeOnce().catch(this.onError);
    }
    this.writing = false;
  }

  private async writeOnce(): Promise<void> {
    const value = this.take();
    if (value === undefined) await this.storage.remove(this.key);
    else await this.storage.set(this.key, JSON.stringify(value));
  }
}
