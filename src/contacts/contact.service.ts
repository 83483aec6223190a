import { Injectable, type OnModuleInit } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { ErrorCode, type Commands, type ContactAction, type ContactState } from '@rookery/protocol';
import { AppError, EventBus, invalidField } from '../common/index.js';
import { EventPresenters } from '../hub/index.js';
import {
  JournalService,
  SYSTEM_SENDER,
  directConversation,
  inboxConversation,
  type Change,
  type ChangeRequest,
  type EntryDraft,
  type Scene,
} from '../journal/index.js';
import { CONTACT_ENTRY, toContactChange, type ContactBody } from './contact-change.js';
import { PAIR_KEY, acted, hasBlocked, pairIn, statusOf, type Pair } from './contact-pair.js';
import { remarkRow, rowOf } from './contact-rows.js';
import { RelationChanged } from './contact.events.js';
import { ContactRepository } from './contact.repository.js';
import type { ContactList } from './contact.schema.js';

type List = Commands['contact.list']['reply'];

/** Contacts and requests made, of one user; blocked ones. */
const MAX_LIST = 10_000;
/** Requests that wait for one user. */
const MAX_WAITING = 1_000;

/** One thing that a user does about another. */
interface Act {
  actor: string;
  other: string;
  change: ContactBody['change'];
}

/**
 * Who asks whom to be his contact, who answers, who blocks. Every change is judged under the lock of the direct
 * conversation of the two, which also every message between them takes: what is acknowledged holds for every message
 * that is not stored yet. In the same transaction the lists of both change, and both are told in their inboxes.
 */
@Injectable()
export class ContactService implements OnModuleInit {
  constructor(
    private readonly journal: JournalService,
    private readonly repository: ContactRepository,
    private readonly presenters: EventPresenters,
    private readonly bus: EventBus,
  ) {}

  onModuleInit(): void {
    this.presenters.register(CONTACT_ENTRY, (entry) => ({
      type: 'contact.changed',
      data: toContactChange(entry),
    }));
  }

  /** Rejects with `refused` when one has blocked the other, or too many requests wait. */
  async request(actor: string, other: string, message?: string): Promise<ContactState> {
    await this.assertRoom(actor, ['contacts', 'outgoing'], MAX_LIST);
    await this.assertRoom(other, ['incoming'], MAX_WAITING);
    return this.act(actor, other, 'request', message || undefined);
  }

  /** Resolves after the commit with what the other one is to the actor now, also when it was so already. */
  async act(actor: string, other: string, change: ContactAction, message?: string): Promise<ContactState> {
    assertOther(actor, other, change === 'request' ? 'to' : 'user');
    if (change === 'block') await this.assertRoom(actor, ['blocked'], MAX_LIST);
    const act = { actor, other, change };
    let after: Pair = {};
    const { change: done } = await this.journal.change(
      changeOf(act, (scene) => {
        const before = pairIn(scene.state);
        const verdict = acted(before, change, actor);
        after = verdict && !(verdict instanceof Error) ? verdict : before;
        if (!verdict || verdict instanceof Error) return verdict;
        return effectsOf(act, before, verdict, scene, message);
      }),
    );
    if (done) this.bus.publish(new RelationChanged(actor, other));
    return stateOf(after, actor, other);
  }

  /** `not_found` for who is not in the actor's list. */
  async remark(actor: string, other: string, remark: string): Promise<ContactState> {
    assertOther(actor, other);
    let pair: Pair = {};
    await this.journal.change(
      changeOf({ actor, other, change: 'remark' }, (scene) => {
        pair = pairIn(scene.state);
        const state = stateOf(pair, actor, other);
        if (state.status === 'none' && !state.blocked) return new AppError(ErrorCode.NotFound);
        const body: ContactBody = { ...state, change: 'remark', by: actor, remark };
        return { rows: [remarkRow(actor, other, remark)], entryBodies: [body] };
      }),
    );
    return stateOf(pair, actor, other);
  }

  async list(owner: string, query: ContactList): Promise<List> {
    const { items, next } = await this.repository.list(owner, query);
    return { contacts: items, next };
  }

  /** Counted before and not under a lock: a little more than the limit is no harm. */
  private async assertRoom(
    owner: string,
    views: readonly ContactList['view'][],
    limit: number,
  ): Promise<void> {
    const counts = await Promise.all(views.map((view) => this.repository.count(owner, view)));
    if (counts.reduce((sum, count) => sum + count, 0) < limit) return;
    throw new AppError(ErrorCode.Refused, { message: 'This list is full' });
  }
}

/** `field` is the one of the command that names the other. */
function assertOther(actor: string, other: string, field: 'to' | 'user' = 'user'): void {
  if (actor === other) throw invalidField(field, 'Somebody else');
}

/** The inboxes of both may get an entry: his first who acts. */
function changeOf({ actor, other }: Act, rule: ChangeRequest['rule']): ChangeRequest {
  return {
    conversation: directConversation(actor, other),
    kind: 'direct',
    entries: [actor, other].map(inboxDraft),
    rule,
  };
}

function inboxDraft(user: string): EntryDraft {
  return {
    conversation: inboxConversation(user),
    create: { kind: 'inbox', members: [user] },
    type: CONTACT_ENTRY,
    sender: SYSTEM_SENDER,
    clientId: uuid(),
  };
}

function effectsOf(
  { actor, other, change }: Act,
  before: Pair,
  after: Pair,
  { state, time }: Scene,
  message?: string,
): Change {
  const said = after.requester === actor && message !== undefined ? { message } : {};
  const own: ContactBody = { ...stateOf(after, actor, other), change, by: actor, ...said };
  const theirs: ContactBody = {
    ...stateOf(after, other, actor),
    change: change === 'block' ? endOf(before, actor) : change,
    by: actor,
    ...said,
  };
  const told = statusOf(before, other) !== statusOf(after, other);
  return {
    state: { ...state, [PAIR_KEY]: Object.keys(after).length > 0 ? after : undefined },
    rows: [rowOf(after, actor, other, { time, ...said }), rowOf(after, other, actor, { time, ...said })],
    entryBodies: [own, told ? theirs : undefined],
  };
}

/** Nobody is told that he is blocked: the request between the two looks answered, or taken back. */
function endOf({ requester }: Pair, actor: string): ContactAction {
  return requester === actor ? 'remove' : 'decline';
}

function stateOf(pair: Pair, user: string, other: string): ContactState {
  return { user: other, status: statusOf(pair, user), blocked: hasBlocked(pair, user) };
}
