import type { ConversationKind } from './conversation-id.js';
import type { Answer, Entry, Question, Relation, RowStatement } from './journal.types.js';

export interface ConversationState {
  kind: ConversationKind;
  head: number;
  /** JSON, as it is stored: only rules look into it. */
  state?: string | null;
}

/** A row of `members`, its attributes and earlier stays in JSON as they are stored: only rules look into them. */
export interface MemberState extends Omit<Relation, 'attributes' | 'earlier'> {
  attributes: string | null;
  stays: string | null;
}

export interface MemberAddress {
  user: string;
  conversation: string;
}

export interface EntryAddress {
  conversation: string;
  sender: string;
  clientId: string;
}

export interface EntryPosition {
  conversation: string;
  seq: number;
}

export interface NewConversation {
  id: string;
  kind: ConversationKind;
}

/** What a driver must look up before a batch can be decided. */
export interface BatchNeeds {
  /** Their rows must be locked before anything else is looked up. */
  appended: string[];
  /** To be made where absent; a subset of `appended`. */
  creatable: NewConversation[];
  /** Only their heads are needed. */
  marked: string[];
  entries: EntryAddress[];
  /** Entries that rules ask about. */
  targets: EntryPosition[];
  members: MemberAddress[];
  /** Members whose cursors may move, in the order in which their rows are to be locked. */
  movable: MemberAddress[];
  questions: Question[];
  /** Whether somebody may be enrolled, so that `broadcastStart` is needed. */
  enrols: boolean;
}

/** What was found. Absent things are absent; a member who left is there. */
export interface BatchFacts {
  conversations: Map<string, ConversationState>;
  /** By {@link entryKey}. */
  entries: Map<string, Entry>;
  /** By {@link positionKey}. */
  targets: Map<string, Entry>;
  /** By {@link memberKey}. */
  members: Map<string, MemberState>;
  /** By the question's key. */
  answers: Map<string, Answer>;
  /** The last broadcast entry that a user who is new now does not get. */
  broadcastStart: number;
}

export interface NewMember extends MemberAddress {
  joined: number;
}

/** What a driver must write, in one transaction. Every cursor may only go up. */
export interface BatchChanges {
  entries: Entry[];
  /** JSON of each entry's body, by position. */
  bodies: string[];
  /** Entries whose bodies are replaced, perhaps just after they are made; JSON. */
  replaced: (EntryPosition & { body: string })[];
  conversations: (NewConversation & { head: number })[];
  /** Conversations whose state changed; JSON. */
  states: { id: string; state: string }[];
  members: NewMember[];
  cursors: (MemberAddress & { delivered: number; read: number })[];
  /** Whole rows, made or overwritten, but for the cursors, which only go up. */
  relations: (MemberAddress & MemberState)[];
  /** Written last. */
  rows: RowStatement[];
  devices: (MemberAddress & { device: string; delivered: number })[];
}

/** Ids may hold any character but NUL. */
export const entryKey = ({ conversation, sender, clientId }: EntryAddress): string =>
  `${conversation}\0${sender}\0${clientId}`;

export const positionKey = ({ conversation, seq }: EntryPosition): string => `${conversation}\0${seq}`;

export const memberKey = ({ user, conversation }: MemberAddress): string => `${user}\0${conversation}`;
