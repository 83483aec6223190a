import type { Clock } from './clock.js';
import type { Snapshot } from './snapshot.js';
import type { SavedCursors } from './timelines.js';

/** Milliseconds in which moves gather. What a crash loses of them is read again. */
const SAVE_DELAY = 250;

/** Writes the cursors to the storage, not for every message but soon. */
export class CursorKeeper {
  private callOff?: () => void;

  constructor(
    private readonly snapshot: Snapshot<SavedCursors>,
    private readonly clock: Clock,
  ) {}

  load(): Promise<SavedCursors | undefined> {
    return this.snapshot.load();
  }

  begin(): void {
    this.snapshot.begin();
  }

  save(): void {
    this.callOff ??= this.clock.after(SAVE_DELAY, () => this.flush());
  }

  flush(): void {
    if (!this.callOff) return;
    this.callOff();
    this.callOff = undefined;
    this.snapshot.save();
  }
}
