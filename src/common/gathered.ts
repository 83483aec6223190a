import { setImmediate as nextTurn } from 'node:timers/promises';

/** Keys of one look-up, where nothing else is said. */
const LIMIT = 200;

/** Looks up together what is asked for within one turn of the event loop, as when many connect at once. */
export class Gathered<Key, Value> {
  private keys = new Set<Key>();
  private found?: Promise<ReadonlyMap<Key, Value>>;

  /** What is absent in the answer is undefined to who asked; a failure is that of all who asked together. */
  constructor(
    private readonly lookUp: (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>,
    private readonly limit = LIMIT,
  ) {}

  async of(key: Key): Promise<Value | undefined> {
    if (this.keys.size >= this.limit) this.begin();
    this.keys.add(key);
    this.found ??= this.whenGathered(this.keys);
    return (await this.found).get(key);
  }

  private async whenGathered(keys: Set<Key>): Promise<ReadonlyMap<Key, Value>> {
    await nextTurn();
    if (this.keys === keys) this.begin();
    return this.lookUp([...keys]);
  }

  private begin(): void {
    this.keys = new Set();
    this.found = undefined;
  }
}
