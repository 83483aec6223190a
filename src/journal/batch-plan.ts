import { ErrorCode } from '@rookery/protocol';
import { AppError, invalidField } from '../common/app-error.js';
import {
  type BatchChanges,
  type BatchFacts,
  type BatchNeeds,
  type ConversationState,
  entryKey,
  type MemberAddress,
  memberKey,
  type MemberState,
  positionKey,
} from './batch-facts.js';
import { isMemberByName, mayCreate, needsOf } from './batch-needs.js';
import { bodyText, sameBody } from './body-text.js';
import { BROADCAST_CONVERSATION } from './conversation-id.js';
import type { Guards, JournalOperation, JournalOutcome } from './journal-store.js';
import {
  type AppendRequest,
  type AppendResult,
  type BodyChange,
  type ChangeRequest,
  type ChangeResult,
  type Effects,
  type Entry,
  type MarkRequest,
  type MarkResult,
  type Relation,
  type RelationChange,
  type RowStatement,
  type Scene,
  SYSTEM_SENDER,
} from './journal.types.js';
import { refusalOf } from './operation-checks.js';
import { changedStays, parsedStays } from './stays.js';

/** A batch before it meets the database: what it needs to know. `decide` may be called again when the unit is run again. */
export class BatchPlan {
  readonly needs: BatchNeeds;
  private readonly refusals: (AppError | undefined)[];

  constructor(private readonly operations: readonly JournalOperation[]) {
    this.refusals = operations.map(refusalOf);
    this.needs = needsOf(operations.filter((_, index) => !this.refusals[index]));
  }

  /** Applies the operations in order to what was found. `now` in milliseconds since the epoch. */
  decide(facts: BatchFacts, now: number): { outcomes: JournalOutcome[]; changes: BatchChanges } {
    const decision = new Decision(facts, now);
    const outcomes = this.operations.map(
      (operation, index) => this.refusals[index] ?? decision.apply(operation),
    );
    return { outcomes, changes: decision.changes() };
  }
}

/** One pass over a batch; the facts are brought forward as operations succeed. */
class Decision {
  private readonly entries: Entry[] = [];
  private readonly bodies: string[] = [];
  private readonly moved = new Map<string, ConversationState>();
  private readonly newMembers = new Map<string, MemberAddress & { joined: number }>();
  private readonly cursors = new Map<string, MemberAddress & MemberState>();
  private readonly relations = new Map<string, MemberAddress & MemberState>();
  private readonly states = new Map<string, string>();
  private readonly rows: RowStatement[] = [];
  private readonly replaced = new Map<string, { conversation: string; seq: number; body: string }>();
  private readonly devices = new Map<string, MemberAddress & { device: string; delivered: number }>();

  constructor(
    private readonly facts: BatchFacts,
    private readonly now: number,
  ) {}

  apply(operation: JournalOperation): JournalOutcome {
    if (operation.op === 'append') return this.append(operation.request, operation.text, operation.guards);
    if (operation.op === 'find') return this.find(operation.request);
    if (operation.op === 'change') return this.change(operation.request);
    if (operation.op === 'mark') return this.mark(operation.request);
    return this.enrol(operation.user);
  }

  changes(): BatchChanges {
    return {
      entries: this.entries,
      bodies: this.bodies,
      replaced: [...this.replaced.values()],
      conversations: [...this.moved].map(([id, { kind, head }]) => ({ id, kind, head })),
      states: [...this.states].map(([id, state]) => ({ id, state })),
      members: [...this.newMembers.values()],
      cursors: [...this.cursors.values()],
      relations: [...this.relations.values()],
      rows: this.rows,
      devices: [...this.devices.values()],
    };
  }

  private append(
    request: AppendRequest,
    text = bodyText(request.body),
    guards?: Guards,
  ): AppendResult | AppError {
    const stored = this.facts.entries.get(entryKey(request));
    if (stored) return repeated(request, text, stored);
    const found = this.existing(request);
    const conversation = found ?? this.newConversation(request);
    if (!conversation) return new AppError(ErrorCode.NotFound);
    const verdict =
      guarded(conversation, request, guards) ?? this.judge(request, conversation, found === undefined);
    if (verdict instanceof Error) return verdict;
    if (!found) this.make(request, conversation);
    const entry = this.entryOf(request, ++conversation.head);
    this.bodies.push(text ?? 'null');
    this.facts.entries.set(entryKey(request), entry);
    this.moved.set(request.conversation, conversation);
    if (verdict) this.takeEffect(request.conversation, conversation, verdict);
    if (request.rows) this.rows.push(...request.rows(entry));
    return verdict?.bodies?.length
      ? { entry, duplicate: false, replaced: true }
      : { entry, duplicate: false };
  }

  private find(request: AppendRequest): AppendResult | undefined {
    const entry = this.facts.entries.get(entryKey(request));
    return entry && { entry, duplicate: true };
  }

  private change(request: ChangeRequest): ChangeResult | AppError {
    const { conversation: id, kind, rule, entries } = request;
    const found = this.facts.conversations.get(id);
    const conversation = found ?? { kind, head: 0 };
    const verdict = rule(this.scene(id, conversation, found === undefined));
    if (verdict instanceof Error) return verdict;
    if (!verdict) return { entries: [] };
    if (!found) {
      this.facts.conversations.set(id, conversation);
      this.moved.set(id, conversation);
    }
    this.takeEffect(id, conversation, verdict);
    this.rows.push(...(verdict.rows ?? []));
    const { entryBodies = [] } = verdict;
    const drafts = entries.map((draft, index) => ({ ...draft, body: entryBodies[index] }));
    const outcomes = drafts.filter(({ body }) => body !== undefined).map((draft) => this.append(draft));
    return { change: verdict, entries: outcomes.flatMap((outcome) => newEntry(outcome)) };
  }

  /** A conversation that is still empty counts as absent to who may make it: its maker was refused. */
  private existing({ conversation, create }: AppendRequest): ConversationState | undefined {
    const found = this.facts.conversations.get(conversation);
    return found?.head === 0 && create ? undefined : found;
  }

  /** Made by the entry that is judged, if its sender may make it; what was kept with an empty one stays. */
  private newConversation(request: AppendRequest): ConversationState | undefined {
    if (!request.create || !mayCreate(request)) return undefined;
    const { kind } = request.create;
    return { kind, head: 0, state: this.facts.conversations.get(request.conversation)?.state };
  }

  private judge(
    request: AppendRequest,
    state: ConversationState,
    isNew: boolean,
  ): AppError | Effects | undefined {
    const { conversation, rule, check } = request;
    if (!rule && !this.isMember(request, isNew)) return new AppError(ErrorCode.NotFound);
    if (!rule && !check) return undefined;
    const scene = this.scene(conversation, state, isNew);
    const verdict = rule?.(scene, request);
    if (!check || verdict instanceof Error) return verdict;
    const other = check(scene, request);
    return other instanceof Error ? other : together(verdict, other);
  }

  private scene(conversation: string, { head, state }: ConversationState, isNew: boolean): Scene {
    return {
      seq: head + 1,
      time: this.now,
      isNew,
      state: parsed(state),
      relation: (user: string) => relationOf(this.member(user, conversation)),
      entry: (seq: number) => this.target(conversation, seq),
      answer: (key: string) => this.facts.answers.get(key) ?? [],
    };
  }

  private isMember(request: AppendRequest, isNew: boolean): boolean {
    const { conversation, sender } = request;
    return isNew || isMemberByName(request) || this.member(sender, conversation)?.left === null;
  }

  /** An entry as it is now; perhaps of this very batch. */
  private target(conversation: string, seq: number): Entry | undefined {
    const found = this.facts.targets.get(positionKey({ conversation, seq }));
    return found ?? this.entries.find((entry) => entry.seq === seq && entry.conversation === conversation);
  }

  private replace(conversation: string, { seq, body }: BodyChange): void {
    const key = positionKey({ conversation, seq });
    this.replaced.set(key, { conversation, seq, body: JSON.stringify(body) });
    const target = this.target(conversation, seq);
    if (target) this.facts.targets.set(key, { ...target, body });
    for (const [address, entry] of this.facts.entries)
      if (entry.seq === seq && entry.conversation === conversation)
        this.facts.entries.set(address, { ...entry, body });
  }

  private make({ conversation, create }: AppendRequest, made: ConversationState): void {
    this.facts.conversations.set(conversation, made);
    for (const user of create?.members ?? []) this.join({ user, conversation, joined: 0 });
  }

  private takeEffect(id: string, conversation: ConversationState, effects: Effects): void {
    const { relations = [], state, bodies = [], answers = [] } = effects;
    for (const [key, answer] of answers) this.facts.answers.set(key, answer);
    if (state) this.states.set(id, (conversation.state = JSON.stringify(state)));
    for (const change of bodies) this.replace(id, change);
    for (const change of relations) {
      const key = memberKey({ user: change.user, conversation: id });
      const member = changed(this.facts.members.get(key), change);
      this.facts.members.set(key, member);
      this.relations.set(key, { user: change.user, conversation: id, ...member });
    }
  }

  private entryOf(request: AppendRequest, seq: number): Entry {
    const { conversation, type, sender, device, clientId, body } = request;
    const entry = {
      conversation,
      seq,
      type,
      sender,
      ...(device && { device }),
      clientId,
      body,
      time: this.now,
    };
    this.entries.push(entry);
    return entry;
  }

  private mark(request: MarkRequest): MarkResult | AppError {
    const { conversation, user, device, delivered = 0, read = 0 } = request;
    const member = this.member(user, conversation);
    const head = member?.left ?? this.facts.conversations.get(conversation)?.head;
    if (!member || head === undefined || member.left === 0) return new AppError(ErrorCode.NotFound);
    const reached = Math.max(delivered, read);
    if (reached > head) return invalidField('seq', 'Beyond the last entry');
    if (device !== undefined) this.moveDevice({ user, conversation, device, delivered: reached });
    return this.moveMember(member, { user, conversation }, reached, read);
  }

  private moveMember(
    member: MemberState,
    address: MemberAddress,
    delivered: number,
    read: number,
  ): MarkResult {
    const deliveredMoved = delivered > member.delivered;
    const readMoved = read > member.read;
    member.delivered = Math.max(member.delivered, delivered);
    member.read = Math.max(member.read, read);
    if (deliveredMoved || readMoved) this.cursors.set(memberKey(address), { ...address, ...member });
    return { delivered: member.delivered, read: member.read, deliveredMoved, readMoved };
  }

  private moveDevice(cursor: MemberAddress & { device: string; delivered: number }): void {
    const key = `${memberKey(cursor)}\0${cursor.device}`;
    const delivered = Math.max(cursor.delivered, this.devices.get(key)?.delivered ?? 0);
    this.devices.set(key, { ...cursor, delivered });
  }

  private enrol(user: string): undefined {
    const address = { user, conversation: BROADCAST_CONVERSATION };
    if (!this.member(user, BROADCAST_CONVERSATION))
      this.join({ ...address, joined: this.facts.broadcastStart });
  }

  private join(member: MemberAddress & { joined: number }): void {
    const { joined } = member;
    this.newMembers.set(memberKey(member), member);
    this.facts.members.set(memberKey(member), {
      ...UNRELATED,
      joined,
      left: null,
      delivered: joined,
      read: joined,
    });
  }

  private member(user: string, conversation: string): MemberState | undefined {
    return this.facts.members.get(memberKey({ user, conversation }));
  }
}

const UNRELATED: MemberState = {
  joined: 0,
  left: 0,
  delivered: 0,
  read: 0,
  role: null,
  attributes: null,
  stays: null,
};

/** What both say; of two states, or two bodies of one entry, the second. */
function together(one: Effects | undefined, other: Effects | undefined): Effects | undefined {
  if (!one || !other) return one ?? other;
  return {
    relations: [...(one.relations ?? []), ...(other.relations ?? [])],
    state: other.state ?? one.state,
    bodies: [...(one.bodies ?? []), ...(other.bodies ?? [])],
    answers: new Map([...(one.answers ?? []), ...(other.answers ?? [])]),
  };
}

function guarded(
  { kind, state }: ConversationState,
  request: AppendRequest,
  guards: Guards | undefined,
): AppError | undefined {
  return request.sender === SYSTEM_SENDER ? undefined : guards?.get(kind)?.(state, request);
}

function newEntry(outcome: AppendResult | AppError): Entry[] {
  return outcome instanceof Error || outcome.duplicate ? [] : [outcome.entry];
}

function parsed(json: string | null | undefined): Record<string, unknown> | null {
  return json ? (JSON.parse(json) as Record<string, unknown>) : null;
}

function relationOf(member: MemberState | undefined): Relation | undefined {
  if (!member) return undefined;
  const { joined, left, delivered, read, role, attributes, stays } = member;
  const relation: Relation = { joined, left, delivered, read, role, attributes: parsed(attributes) };
  if (stays !== null) relation.earlier = parsedStays(stays);
  return relation;
}

function changed(member: MemberState = UNRELATED, change: RelationChange): MemberState {
  const { left = member.left, role = member.role, attributes } = change;
  const { joined, stays, owed } = changedStays(member, change);
  const seen = owed ? 0 : (change.seen ?? change.joined ?? 0);
  return {
    joined,
    left,
    delivered: Math.max(member.delivered, seen),
    read: Math.max(member.read, seen),
    role,
    attributes: attributes === undefined ? member.attributes : attributes && JSON.stringify(attributes),
    stays,
  };
}

function repeated(request: AppendRequest, text: string | undefined, stored: Entry): AppendResult | AppError {
  const same =
    stored.type === request.type &&
    (sameBody(text, stored.body) || request.repeats?.(stored, request) === true);
  return same ? { entry: stored, duplicate: true } : new AppError(ErrorCode.Conflict);
}
