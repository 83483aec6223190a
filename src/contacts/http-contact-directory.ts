import { Injectable, type OnModuleInit } from '@nestjs/common';
import { z } from 'zod';
import { ErrorCode } from '@rookery/protocol';
import { AppError, UserId } from '../common/index.js';
import { fetchJson } from '../common/fetch-json.js';
import { AppConfig } from '../config/index.js';
import { Metrics } from '../metrics/index.js';
import { AnswerCache } from './answer-cache.js';
import { ContactDirectory } from './contact-directory.js';

/** Contacts of one user. */
const MAX_CONTACTS = 10_000;
const MAX_BYTES = 4 * 1024 ** 2;
/** Ids and relations held together. */
const CAPACITY = 200_000;

const ContactsAnswer = z.object({ contacts: z.array(UserId).max(MAX_CONTACTS) });
const RelationAnswer = z.object({ contact: z.boolean(), blocked: z.boolean() });
type Relation = z.infer<typeof RelationAnswer>;

/**
 * Asks another service, `CONTACTS_URL`: `GET …/contacts?user=U` answers `{"contacts":["V",…]}`, the accepted contacts
 * between whom and U there is no block; `GET …/relation?user=U&other=V` answers `{"contact":bool,"blocked":bool}`,
 * where `blocked` says that U has blocked V. Answers are kept for `CONTACTS_TTL`, and for `CONTACTS_STALE` longer
 * while the service fails; without any answer: `unavailable`.
 */
@Injectable()
export class HttpContactDirectory extends ContactDirectory implements OnModuleInit {
  private readonly config: NonNullable<AppConfig['contacts']>;
  private readonly lists: AnswerCache<readonly string[]>;
  private readonly relations: AnswerCache<Relation>;

  constructor(
    config: AppConfig,
    private readonly metrics: Metrics,
  ) {
    super();
    if (!config.contacts) throw new Error('CONTACTS_URL is not set');
    this.config = config.contacts;
    const kept = { ...this.config, capacity: CAPACITY / 2 };
    this.lists = new AnswerCache({ ...kept, sizeOf: (users: readonly string[]) => users.length + 1 });
    this.relations = new AnswerCache({ ...kept, sizeOf: () => 1 });
  }

  onModuleInit(): void {
    const used = () => this.lists.size + this.relations.size;
    this.metrics.bounds.add('contact_answers', { limit: CAPACITY, used });
  }

  override contactsOf(user: string): Promise<readonly string[]> {
    return this.lists.get(user, async () => {
      const { contacts } = await this.ask('contacts', { user }, ContactsAnswer);
      return [...contacts].sort();
    });
  }

  override async areContacts(a: string, b: string): Promise<boolean> {
    return (await this.relation(a, b)).contact;
  }

  override async hasBlocked(owner: string, other: string): Promise<boolean> {
    return (await this.relation(owner, other)).blocked;
  }

  private relation(user: string, other: string): Promise<Relation> {
    return this.relations.get(`${user}\0${other}`, () =>
      this.ask('relation', { user, other }, RelationAnswer),
    );
  }

  private async ask<T>(what: string, query: Record<string, string>, schema: z.ZodType<T>): Promise<T> {
    const { url, token, timeout } = this.config;
    const address = new URL(`${url.replace(/\/$/, '')}/${what}`);
    address.search = new URLSearchParams(query).toString();
    try {
      const answer = await fetchJson(address, {
        headers: { Accept: 'application/json', ...(token && { Authorization: `Bearer ${token}` }) },
        timeout,
        maxBytes: MAX_BYTES,
      });
      return schema.parse(answer);
    } catch (cause) {
      throw new AppError(ErrorCode.Unavailable, { message: 'The contacts could not be asked for', cause });
    }
  }
}
