import type { RookeryError } from './rookery-error.js';

/** Those who wait for one thing, all to be answered at once. */
export class Waiters {
  private waiting: { resolve(): void; reject(error: RookeryError): void }[] = [];

  add(): Promise<void> {
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  }

  resolve(): void {
    for (const { resolve } of this.waiting.splice(0)) resolve();
  }

  reject(error: RookeryError): void {
    for (const { reject } of this.waiting.splice(0)) reject(error);
  }
}
