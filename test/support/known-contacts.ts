import { ContactDirectory } from '../../src/contacts/index.js';

/** Contacts as a test says they are. */
export class KnownContacts extends ContactDirectory {
  /** Questions so far. */
  asked = 0;
  private readonly contacts = new Map<string, Set<string>>();
  private readonly blocks = new Set<string>();

  connect(a: string, b: string): void {
    this.of(a).add(b);
    this.of(b).add(a);
  }

  part(a: string, b: string): void {
    this.of(a).delete(b);
    this.of(b).delete(a);
  }

  block(owner: string, other: string): void {
    this.blocks.add(`${owner} ${other}`);
  }

  override async contactsOf(user: string): Promise<readonly string[]> {
    this.asked++;
    return [...this.of(user)].sort();
  }

  override async areContacts(a: string, b: string): Promise<boolean> {
    this.asked++;
    return this.of(a).has(b);
  }

  override async hasBlocked(owner: string, other: string): Promise<boolean> {
    return this.blocks.has(`${owner} ${other}`);
  }

  override async blockersOf(other: string, owners: readonly string[]): Promise<ReadonlySet<string>> {
    this.asked++;
    return super.blockersOf(other, owners);
  }

  override async blockedBy(owner: string, others: readonly string[]): Promise<ReadonlySet<string>> {
    this.asked++;
    return super.blockedBy(owner, others);
  }

  private of(user: string): Set<string> {
    const found = this.contacts.get(user) ?? new Set<string>();
    this.contacts.set(user, found);
    return found;
  }
}
