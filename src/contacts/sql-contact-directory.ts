import { Injectable, type OnModuleInit } from '@nestjs/common';
import { JournalService, parseConversationId, type Entry } from '../journal/index.js';
import { Metrics } from '../metrics/index.js';
import { BlockList } from './block-list.js';
import { CONTACT_ENTRY } from './contact-change.js';
import { ContactDirectory } from './contact-directory.js';
import { ContactRepository } from './contact.repository.js';

/** Contacts in our own tables. Blocks are remembered; what this node changes it knows at once. */
@Injectable()
export class SqlContactDirectory extends ContactDirectory implements OnModuleInit {
  override readonly asksAtOnce = true;
  private readonly blocks = new BlockList((user) => this.repository.blockedBy(user));

  constructor(
    private readonly repository: ContactRepository,
    private readonly journal: JournalService,
    private readonly metrics: Metrics,
  ) {
    super();
  }

  onModuleInit(): void {
    this.journal.onCommitted(({ entry }) => this.learn(entry));
    const { blocks } = this;
    this.metrics.bounds.add('contact_answers', { limit: blocks.capacity, used: () => blocks.size });
  }

  override contactsOf(user: string): Promise<readonly string[]> {
    return this.repository.contactsOf(user);
  }

  override contactsOfEach(users: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    return this.repository.contactsOfEach(users);
  }

  override areContacts(a: string, b: string): Promise<boolean> {
    return this.repository.areContacts(a, b);
  }

  override async hasBlocked(owner: string, other: string): Promise<boolean> {
    return (await this.blocks.of(owner)).has(other);
  }

  override async blockersOf(other: string, owners: readonly string[]): Promise<ReadonlySet<string>> {
    return new Set(await this.repository.blockersOf(other, owners));
  }

  override async blockedBy(owner: string, others: readonly string[]): Promise<ReadonlySet<string>> {
    const blocked = await this.blocks.of(owner);
    return new Set(others.filter((other) => blocked.has(other)));
  }

  /** Right after the commit, before who asked for it is told. */
  private learn({ type, conversation }: Entry): void {
    if (type !== CONTACT_ENTRY) return;
    const address = parseConversationId(conversation);
    if (address?.kind === 'inbox') this.blocks.forget(address.members[0]);
  }
}
