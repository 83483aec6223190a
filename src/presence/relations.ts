import { Injectable } from '@nestjs/common';
import { Gathered } from '../common/index.js';
import { ContactDirectory } from '../contacts/index.js';
import type { Regard } from './standing.js';

/** Questions to the directory under way at once: a storm of reconnects must not take the database from everybody else. */
const CONCURRENCY = 8;
/** Users whose contacts are asked for together: one may have hundreds. */
const TOGETHER = 32;
/** Milliseconds for which a list of contacts is taken as it is. */
const LIFETIME = 10_000;
/** Lists that are remembered. */
export const CONTACTS_CAPACITY = 2_000;

const NOBODY: ReadonlySet<string> = new Set();

interface Known {
  contacts: Promise<ReadonlySet<string>>;
  until: number;
}

/** Asks the directory who knows whom, a few questions at a time, and none twice in a few seconds. */
@Injectable()
export class Relations {
  private readonly known = new Map<string, Known>();
  private readonly gathered = new Gathered<string, readonly string[]>(
    (users) => this.turn(() => this.directory.contactsOfEach(users)),
    TOGETHER,
  );
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly directory: ContactDirectory) {}

  get size(): number {
    return this.known.size;
  }

  contactsOf(user: string): Promise<ReadonlySet<string>> {
    const now = performance.now();
    const found = this.known.get(user);
    if (found && found.until > now) return found.contacts;
    const contacts = this.ask(user);
    this.remember(user, { contacts, until: now + LIFETIME });
    contacts.catch(() => this.known.delete(user));
    return contacts;
  }

  /** What each of `viewers` is to the one who is looked at. */
  async regardsTo(user: string, viewers: readonly string[]): Promise<(viewer: string) => Regard> {
    const contacts = await this.contactsOf(user);
    const blocked = await this.turn(() => this.directory.blockedBy(user, viewers));
    return (viewer) => regard(user === viewer, blocked.has(viewer), contacts.has(viewer));
  }

  /** What the viewer is to each of `users`. */
  async regardsOf(viewer: string, users: readonly string[]): Promise<(user: string) => Regard> {
    const contacts = await this.contactsOf(viewer);
    const blockers = await this.turn(() => this.directory.blockersOf(viewer, users));
    return (user) => regard(user === viewer, blockers.has(user), contacts.has(user));
  }

  /** Forgets what is too old to be believed. */
  forgetOld(): void {
    const now = performance.now();
    for (const [user, { until }] of this.known) {
      if (until > now) return;
      this.known.delete(user);
    }
  }

  /** What was remembered of a user is not so any more. */
  forget(user: string): void {
    this.known.delete(user);
  }

  private async ask(user: string): Promise<ReadonlySet<string>> {
    const list = this.directory.asksAtOnce
      ? await this.gathered.of(user)
      : await this.turn(() => this.directory.contactsOf(user));
    return list && list.length > 0 ? new Set(list) : NOBODY;
  }

  private remember(user: string, known: Known): void {
    this.known.delete(user);
    this.known.set(user, known);
    if (this.known.size <= CONTACTS_CAPACITY) return;
    for (const oldest of this.known.keys()) return void this.known.delete(oldest);
  }

  private async turn<T>(ask: () => Promise<T>): Promise<T> {
    if (this.running >= CONCURRENCY) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.running++;
    try {
      return await ask();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    }
  }
}

function regard(self: boolean, blocked: boolean, contact: boolean): Regard {
  if (self) return 'self';
  if (blocked) return 'blocked';
  return contact ? 'contact' : 'stranger';
}
