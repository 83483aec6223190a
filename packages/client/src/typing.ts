import type { Target } from '@rookery/protocol';
import type { Clock } from './clock.js';

/** Milliseconds before it is said again; who hears it lets it fade after 5 seconds. */
const REPEAT = 3000;
/** Milliseconds without a further call after which somebody has stopped. */
const IDLE = 4000;

interface Shown {
  toldAt: number;
  callOff(): void;
}

/** Says that the user is typing: not for every key, and no longer than he does. */
export class Typing {
  private readonly shown = new Map<string, Shown>();

  /** `tell` returns false where there is no connection. */
  constructor(
    private readonly tell: (data: Target & { active: boolean }) => boolean,
    private readonly clock: Clock,
  ) {}

  set(target: Target, active: boolean): boolean {
    const key = JSON.stringify(target);
    const before = this.forget(key);
    if (!active) return this.tell({ ...target, active });
    const now = this.clock.now();
    const due = !before || now - before.toldAt >= REPEAT;
    if (due && !this.tell({ ...target, active })) return false;
    this.shown.set(key, {
      toldAt: due ? now : before.toldAt,
      callOff: this.clock.after(IDLE, () => this.set(target, false)),
    });
    return true;
  }

  /** A message says by itself that the typing is over. */
  sent(target: Target): void {
    this.forget(JSON.stringify(target));
  }

  /** The server forgets it with the connection. */
  lost(): void {
    for (const key of this.shown.keys()) this.forget(key);
  }

  private forget(key: string): Shown | undefined {
    const shown = this.shown.get(key);
    shown?.callOff();
    this.shown.delete(key);
    return shown;
  }
}
