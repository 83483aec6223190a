import { Conversation } from './conversation.js';

/** What a conversation is found by: the person in a direct chat, whose id is not known before the first answer. */
export const keyOfPeer = (peer) => `@${peer}`;

/** All that the page shows. Dispatches `change` once per turn, however much has changed. */
export class Store extends EventTarget {
  conversations = new Map();
  /** Who is there, by user. */
  presence = new Map();
  activeKey;
  /** Whom this person has blocked. */
  blocked = new Set();
  /** See `Calls`. */
  call;
  /** The last `stateChange` of the SDK, and while it waits for its next attempt `retryAt`. */
  connection = { state: 'disconnected' };
  #keysById = new Map();
  #dirty = false;

  constructor(me) {
    super();
    this.me = me;
  }

  changed() {
    if (this.#dirty) return;
    this.#dirty = true;
    queueMicrotask(() => {
      this.#dirty = false;
      this.dispatchEvent(new Event('change'));
    });
  }

  get active() {
    return this.conversations.get(this.activeKey);
  }

  /** The last moved first. */
  get sorted() {
    return [...this.conversations.values()].sort((a, b) => b.time - a.time || a.key.localeCompare(b.key));
  }

  /** A group, also one that nothing has come from yet. */
  withGroup(id, name) {
    const conversation = this.#identified(id);
    conversation.kind = 'group';
    conversation.name = name ?? conversation.name;
    return conversation;
  }

  takePresence(users) {
    for (const { user, state, status } of users) this.presence.set(user, { state, status });
  }

  byId(id) {
    return this.conversations.get(this.#keysById.get(id));
  }

  withPeer(peer) {
    const conversation = this.#at(keyOfPeer(peer));
    conversation.peer = peer;
    return conversation;
  }

  /** From the list. */
  takeState(state) {
    const conversation = this.#identified(state.conversation, state.peer);
    conversation.kind = state.kind;
    conversation.name = state.name ?? conversation.name;
    conversation.left = state.left === true;
    conversation.takeCounts(state);
    conversation.head = Math.max(conversation.head, state.head);
    conversation.time = Math.max(conversation.time, state.time);
    conversation.read = Math.max(conversation.read, state.read);
    conversation.peerDelivered = Math.max(conversation.peerDelivered, state.peerDelivered ?? 0);
    conversation.peerRead = Math.max(conversation.peerRead, state.peerRead ?? 0);
    return conversation;
  }

  /** As the SDK brings it: in the order of its conversation, which is returned. */
  takeMessage(message) {
    const conversation = this.conversationOf(message);
    conversation.takeNext(message, this.me);
    if (message.from !== this.me) conversation.typingUntil = 0;
    return conversation;
  }

  /** A stored entry that is no message: at its place, and with what it does to others. */
  takeOther(entry) {
    const conversation = this.#identified(entry.conversation, this.#peerIn(entry.conversation));
    if (entry.event === 'group.changed') conversation.kind = 'group';
    if (entry.conversation.startsWith('inbox:')) {
      conversation.kind = 'inbox';
      conversation.bare ||= conversation.head === 0;
    }
    conversation.takeNext(entry, this.me);
    if (entry.event === 'chat.hidden') this.hide(entry.messages);
    const withdrawn = entry.event === 'notification.withdrawn' && conversation.entries.get(entry.withdrawn);
    if (withdrawn) withdrawn.withdrawn = true;
    return conversation;
  }

  /** Messages that this person has deleted for himself. */
  hide({ conversation, seqs }) {
    this.byId(conversation)?.remove(seqs);
    this.changed();
  }

  #peerIn(id) {
    const known = this.byId(id)?.peer;
    if (known !== undefined || !id.startsWith('dm:')) return known;
    const names = id
      .slice(3)
      .split(':')
      .map((name) => name.replace(/%(25|3A)/g, (_, hex) => (hex === '25' ? '%' : ':')));
    return names.find((name) => name !== this.me) ?? this.me;
  }

  /** An own message, as soon as it is stored; what was written before it may still be on its way here. */
  takeSent(message) {
    this.conversationOf(message).add({ event: 'chat.message', ...message });
    this.changed();
  }

  /** One without a place in a journal is in no conversation. */
  takeNotification(notification) {
    if (notification.seq === undefined) return undefined;
    const conversation = this.#identified(notification.conversation);
    conversation.kind = notification.conversation === 'broadcast:all' ? 'broadcast' : 'inbox';
    conversation.takeNext(notification, this.me);
    return conversation;
  }

  takeReceipt({ conversation: id, user, kind, seq }) {
    const conversation = this.byId(id);
    if (!conversation) return;
    const own = user === this.me;
    if (own && kind === 'read') conversation.read = Math.max(conversation.read, seq);
    if (own && conversation.peer !== this.me) return;
    conversation.peerDelivered = Math.max(conversation.peerDelivered, seq);
    if (kind === 'read') conversation.peerRead = Math.max(conversation.peerRead, seq);
  }

  /** Where a message is. */
  conversationOf({ conversation: id, from, to }) {
    const conversation = this.#identified(id, to === undefined ? undefined : from === this.me ? to : from);
    if (to === undefined) conversation.kind = 'group';
    return conversation;
  }

  /** A conversation whose id has become known. */
  #identified(id, peer) {
    const conversation = peer === undefined ? this.#at(id) : this.withPeer(peer);
    conversation.id = id;
    this.#keysById.set(id, conversation.key);
    return conversation;
  }

  identify(conversation, id) {
    conversation.id = id;
    this.#keysById.set(id, conversation.key);
  }

  #at(key) {
    let conversation = this.conversations.get(key);
    if (!conversation) this.conversations.set(key, (conversation = new Conversation(key)));
    return conversation;
  }
}
