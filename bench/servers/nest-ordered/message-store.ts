import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { ConversationEntity } from './conversation.entity.js';
import { OrderedMessageEntity } from './ordered-message.entity.js';

export type Draft = Omit<OrderedMessageEntity, 'id' | 'seq'>;

/** A transaction for each message: the conversation is loaded under a lock and saved, the message is saved. */
@Injectable()
export class MessageStore {
  private readonly isSqlite: boolean;
  private readonly known = new Map<string, Promise<unknown>>();
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly dataSource: DataSource) {
    this.isSqlite = dataSource.options.type === 'better-sqlite3';
  }

  /** In turn on SQLite: TypeORM has one connection there, and a transaction begun while another is at it fails. */
  append(draft: Draft): Promise<OrderedMessageEntity> {
    const append = (): Promise<OrderedMessageEntity> => this.appendNow(draft);
    if (!this.isSqlite) return append();
    const appended = this.last.then(append);
    this.last = appended.catch(() => undefined);
    return appended;
  }

  private async appendNow(draft: Draft): Promise<OrderedMessageEntity> {
    await this.make(draft.conversationId);
    return this.dataSource.transaction(async (manager) => {
      const conversation = await this.lock(manager, draft.conversationId);
      conversation.head++;
      await manager.save(conversation);
      return manager.save(manager.create(OrderedMessageEntity, { ...draft, seq: conversation.head }));
    });
  }

  private lock(manager: EntityManager, id: string): Promise<ConversationEntity> {
    const lock = this.isSqlite ? undefined : ({ mode: 'pessimistic_write' } as const);
    return manager.findOneOrFail(ConversationEntity, { where: { id }, lock });
  }

  /** Once, before its first message, so that two who begin at the same time both find it. */
  private make(id: string): Promise<unknown> {
    const known = this.known.get(id);
    if (known) return known;
    const insert = this.dataSource.createQueryBuilder().insert().into(ConversationEntity);
    const made = insert.values({ id, head: 0 }).orIgnore().execute();
    this.known.set(id, made);
    return made;
  }
}
