import { Conversation } from './conversation.js';

/** What a conversation is found by: the person in a direct chat, whose id is not known before the first answer. */
export const keyOfPeer = (peer) => `@${peer}`;

/** All that the page shows. Dispatches `change` once per turn, however much has changed. */
export class Store extends EventTarget {
  conversations = new Map();
  activeKey;
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
    conversation.head = Math.max(conversation.head, state.head);
    conversation.time = Math.max(conversation.time, state.time);
    conversation.read = Math.max(conversation.read, state.read);
    conversation.peerDelivered = Math.max(conversation.peerDelivered, state.peerDelivered ?? 0);
    conversation.peerRead = Math.max(conversation.peerRead, state.peerRead ?? 0);
    return conversation;
  }

  /** As the SDK brings it: in the order of its conversation, which is returned. */
  takeMessage(message) {
    const conversation = this.#conversationOf(message);
    conversation.takeNext(message);
    if (message.from !== this.me) conversation.typingUntil = 0;
    return conversation;
  }

  /** An own message, as soon as it is stored; what was written before it may still be on its way here. */
  takeSent(message) {
    this.#conversationOf(message).add(message);
    this.changed();
  }

  /** One without a place in a journal is in no conversation. */
  takeNotification(notification) {
    if (notification.seq === undefined) return undefined;
    const conversation = this.#identified(notification.conversation);
    conversation.kind = notification.conversation === 'broadcast:all' ? 'broadcast' : 'inbox';
    conversation.takeNext(notification);
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

  #conversationOf({ conversation: id, from, to }) {
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
