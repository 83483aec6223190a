import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { ErrorCode, type Commands, type HistoryEntry, type SearchHit } from '@rookery/protocol';
import { ConversationService } from '../chat/index.js';
import { AppError, decodeListCursor, encodeListCursor } from '../common/index.js';
import { EventPresenters } from '../hub/index.js';
import { JournalService, entryId, type Entry } from '../journal/index.js';
import { IndexerService } from './indexer.service.js';
import { isMessage, kindOf, textOf } from './message-text.js';
import { conversationTerm, kindTerm, senderTerm } from './place-terms.js';
import { SearchIndex, type Condition, type Found } from './search-index.js';
import type { SearchMessages } from './search.schema.js';
import { snippetOf } from './snippet.js';
import { matcherOf, wantedBy } from './terms.js';

type Reply = Commands['search.messages']['reply'];

/** Milliseconds that a search waits for what was sent before it to be indexed. */
const PATIENCE = 500;

/** What the index is asked for at once, and how often for one page: a page may stay short, and says where to go on. */
const CANDIDATES = 200;
const ROUNDS = 10;

/** Who has so many conversations or fewer is found nothing that is not in one of them, and nothing else is looked at. */
const CONVERSATIONS = 256;

/** Finds messages in the conversations of a user: the index says what may be meant, the journal what he may see. */
@Injectable()
export class SearchService {
  constructor(
    private readonly index: SearchIndex,
    private readonly indexer: IndexerService,
    private readonly journal: JournalService,
    private readonly conversations: ConversationService,
    private readonly presenters: EventPresenters,
  ) {}

  /** The newest first. AppError `not_found` for a conversation that is not his, `refused` where search is switched off. */
  async messages(user: string, request: SearchMessages): Promise<Reply> {
    if (!this.indexer.enabled) throw new AppError(ErrorCode.Refused, { message: 'Search is switched off' });
    const [below] = request.cursor === undefined ? [undefined] : decodeListCursor(request.cursor, 'number');
    const places = await this.placesOf(user, request.conversation);
    const complete = await this.indexer.reached(PATIENCE);
    const { hits, next } = await this.collect(user, request, conditionsOf(request, places), below);
    return { results: hits, next: next === undefined ? null : encodeListCursor([next]), complete };
  }

  /** Where to look; undefined: everywhere. */
  private async placesOf(user: string, conversation?: string): Promise<string[] | undefined> {
    if (conversation !== undefined) {
      await this.conversations.history(user, { conversation }, { limit: 1 });
      return [conversation];
    }
    const { items, next } = await this.journal.memberships(user, { limit: CONVERSATIONS });
    return next === null ? items.map((item) => item.conversation) : undefined;
  }

  private async collect(
    user: string,
    request: SearchMessages,
    conditions: readonly Condition[],
    start?: number,
  ): Promise<{ hits: SearchHit[]; next?: number }> {
    const { query, before, after, limit } = request;
    const hits: SearchHit[] = [];
    const fits = filterOf(request);
    let below = start;
    for (let round = 0; round < ROUNDS; round++) {
      const found = await this.index.find({ conditions, below, before, after, limit: CANDIDATES });
      for (const [entry, id] of await this.visible(user, found)) {
        if (!fits(entry)) continue;
        if (hits.length === limit) return { hits, next: below };
        hits.push(this.hitOf(entry, query));
        below = id;
      }
      if (found.length < CANDIDATES) return { hits };
      below = found.at(-1)?.id;
      await nextTurn();
    }
    return { hits, next: below };
  }

  /** Those of the candidates that the user may see, in their order. */
  private async visible(user: string, found: readonly Found[]): Promise<[Entry, number][]> {
    const entries = await this.journal.at(user, found);
    const byId = new Map(entries.map((entry) => [entryId(entry), entry]));
    return found.flatMap((place): [Entry, number][] => {
      const entry = byId.get(entryId(place));
      return entry ? [[entry, place.id]] : [];
    });
  }

  private hitOf(entry: Entry, query: string): SearchHit {
    const event = this.presenters.describe(entry);
    const message = { event: event?.type, ...(event?.data as object) } as HistoryEntry;
    return { message, snippet: snippetOf(textOf(entry) ?? '', query) };
  }
}

function conditionsOf({ query, from, kinds }: SearchMessages, places?: readonly string[]): Condition[] {
  const conditions: Condition[] = [];
  if (places) conditions.push({ anyOf: places.length > 0 ? places.map(conversationTerm) : [NOWHERE] });
  if (from !== undefined) conditions.push({ anyOf: [senderTerm(from)] });
  if (kinds) conditions.push({ anyOf: kinds.map(kindTerm) });
  for (const { term, prefix } of wantedBy(query)) conditions.push({ anyOf: [term], prefix });
  return conditions;
}

/** A term that no document has. */
const NOWHERE = 'nowhere';

/** The index may say too much: terms that stand apart, hashes that are alike, what was changed since. */
function filterOf({ query, conversation, from, kinds }: SearchMessages): (entry: Entry) => boolean {
  const matches = matcherOf(query);
  return (entry) => {
    if (!isMessage(entry) || (conversation !== undefined && entry.conversation !== conversation))
      return false;
    if (from !== undefined && entry.sender !== from) return false;
    if (kinds && !kinds.includes(kindOf(entry))) return false;
    const text = textOf(entry);
    return text !== undefined && matches(text);
  };
}
