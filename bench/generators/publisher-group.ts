import type { Publisher } from './publishers.js';

/** Several that publish in turn, none of which ever has to wait. */
export class PublisherGroup implements Publisher {
  readonly isReady = true;
  private next = 0;

  constructor(private readonly members: readonly Publisher[]) {}

  get refused(): number {
    return this.members.reduce((sum, { refused }) => sum + refused, 0);
  }

  publish(content: string): void {
    this.members[this.next]?.publish(content);
    this.next = (this.next + 1) % this.members.length;
  }

  close(): void {
    for (const member of this.members) member.close();
  }
}
