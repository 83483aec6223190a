import {
  type BatchNeeds,
  entryKey,
  type EntryAddress,
  type EntryPosition,
  type MemberAddress,
  memberKey,
  type NewConversation,
  positionKey,
} from './batch-facts.js';
import { BROADCAST_CONVERSATION, parseConversationId } from './conversation-id.js';
import type { JournalOperation } from './journal-store.js';
import {
  type AppendRequest,
  type ChangeRequest,
  type EntryDraft,
  type Question,
  SYSTEM_SENDER,
} from './journal.types.js';

/**
 * Direct conversations and inboxes say in their id who belongs to them, for good, so that a sender who is named
 * there needs no look-up.
 */
export function isMemberByName({ conversation, sender, create }: EntryDraft): boolean {
  if (sender === SYSTEM_SENDER) return true;
  const kind = parseConversationId(conversation)?.kind;
  return (kind === 'direct' || kind === 'inbox') && Boolean(create?.members.includes(sender));
}

/** Whether a request may make its conversation: nobody makes one that he is not in. */
export function mayCreate({ sender, create }: EntryDraft): boolean {
  return create !== undefined && (sender === SYSTEM_SENDER || create.members.includes(sender));
}

/** What must be looked up to decide these operations, each thing once. */
export function needsOf(operations: Iterable<JournalOperation>): BatchNeeds {
  const collector = new NeedsCollector();
  for (const operation of operations) collector.add(operation);
  return collector.result();
}

class NeedsCollector {
  private readonly appended = new Set<string>();
  private readonly creatable = new Map<string, NewConversation>();
  private readonly marked = new Set<string>();
  private readonly entries = new Map<string, EntryAddress>();
  private readonly targets = new Map<string, EntryPosition>();
  private readonly members = new Map<string, MemberAddress>();
  private readonly movable = new Map<string, MemberAddress>();
  private readonly questions = new Map<string, Question>();
  private enrols = false;

  add(operation: JournalOperation): void {
    if (operation.op === 'append') this.addAppend(operation.request);
    else if (operation.op === 'find') this.addFind(operation.request);
    else if (operation.op === 'change') this.addChange(operation.request);
    else if (operation.op === 'mark') this.addMark(operation.request);
    else this.addEnrol(operation.user);
  }

  result(): BatchNeeds {
    return {
      appended: [...this.appended].sort(),
      creatable: [...this.creatable.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
      marked: [...this.marked].filter((id) => !this.appended.has(id)),
      entries: [...this.entries.values()],
      targets: [...this.targets.values()],
      members: [...this.members].filter(([key]) => !this.movable.has(key)).map(([, member]) => member),
      movable: [...this.movable].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, member]) => member),
      questions: [...this.questions.values()],
      enrols: this.enrols,
    };
  }

  private addAppend(request: AppendRequest): void {
    const { conversation, sender, create } = request;
    this.appended.add(conversation);
    this.entries.set(entryKey(request), request);
    if (create && mayCreate(request))
      this.creatable.set(conversation, { id: conversation, kind: create.kind });
    if (request.about) this.addMembers(conversation, request.about);
    if (!request.rule && !isMemberByName(request)) this.addMembers(conversation, [sender]);
    if (request.targets) this.addTargets(conversation, request.targets);
    for (const question of request.questions ?? []) this.questions.set(question.key, question);
    for (const lock of request.locks ?? []) {
      this.appended.add(lock.id);
      this.creatable.set(lock.id, lock);
    }
  }

  private addTargets(conversation: string, seqs: readonly number[]): void {
    for (const seq of seqs) this.targets.set(positionKey({ conversation, seq }), { conversation, seq });
  }

  private addChange({ conversation, kind, entries, about = [] }: ChangeRequest): void {
    this.appended.add(conversation);
    this.creatable.set(conversation, { id: conversation, kind });
    this.addMembers(conversation, about);
    for (const draft of entries) this.addAppend({ ...draft, body: null });
  }

  private addMembers(conversation: string, users: readonly string[]): void {
    for (const user of users) this.members.set(memberKey({ user, conversation }), { user, conversation });
  }

  private addFind(request: AppendRequest): void {
    this.appended.add(request.conversation);
    this.entries.set(entryKey(request), request);
  }

  private addMark(member: MemberAddress): void {
    this.marked.add(member.conversation);
    this.movable.set(memberKey(member), member);
  }

  private addEnrol(user: string): void {
    const member = { user, conversation: BROADCAST_CONVERSATION };
    this.members.set(memberKey(member), member);
    this.enrols = true;
  }
}
