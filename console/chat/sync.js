import { ConnectionLost } from './connection.js';

const PAGE = 50;
const HOLE_PAGE = 200;
/** Conversations in the list whose last message is fetched just to be shown there. */
const PREVIEWS = 30;
const MARK_DELAY = 100;

/** Keeps the store equal to the journal: the list, the open conversation, holes, and the cursors that go back. */
export class Sync {
  #marks = new Set();
  #timer;
  #synced = false;
  #filling = new Set();

  /** `isSeen(conversation)` says whether a person is looking at the end of it. */
  constructor({ connection, store, isSeen }) {
    this.connection = connection;
    this.store = store;
    this.isSeen = isSeen;
  }

  /** After each `hello`: what the server pushes and what this asks for may arrive in any order. */
  async start() {
    this.#synced = false;
    await this.#attempt(async () => {
      await this.#list();
      if (this.store.active) await this.open(this.store.active);
      if (this.#synced) this.settled();
    });
  }

  /** After `chat.synced`: from here on a missing number is a hole. */
  settled() {
    this.#synced = true;
    for (const conversation of this.store.conversations.values()) this.touch(conversation);
  }

  /** Something arrived in, or was seen of, a conversation. */
  touch(conversation) {
    if (this.#synced && conversation.hole !== undefined) void this.#fill(conversation);
    this.#marks.add(conversation);
    if (this.#timer === undefined) this.#timer = setTimeout(() => this.#sendMarks(), MARK_DELAY);
  }

  /** Reads the newest page of a conversation that has not been opened yet. */
  async open(conversation) {
    if (!conversation.loaded) {
      const page = await this.connection.request('chat.history', { ...conversation.target, limit: PAGE });
      this.store.identify(conversation, page.conversation);
      const first = page.messages[0]?.seq ?? page.head + 1;
      conversation.addPage(page.more ? first : 1, page.head, page.messages);
      conversation.complete = !page.more;
      conversation.loaded = true;
    }
    this.touch(conversation);
    this.store.changed();
  }

  /** The page before what is here; false: there is nothing before. */
  async older(conversation) {
    if (conversation.complete || !conversation.loaded || !this.connection.online) return false;
    const before = conversation.low;
    const page = await this.connection.request('chat.history', {
      ...conversation.target,
      before,
      limit: PAGE,
    });
    conversation.addPage(page.more ? (page.messages[0]?.seq ?? before) : 1, before - 1, page.messages);
    conversation.complete = !page.more;
    this.store.changed();
    return page.messages.length > 0;
  }

  async #list() {
    let cursor;
    do {
      const page = await this.connection.request('chat.sync', { limit: 200, ...(cursor && { cursor }) });
      for (const state of page.conversations) this.store.takeState(state);
      cursor = page.next;
      this.store.changed();
    } while (cursor);
    await Promise.all(this.store.sorted.slice(0, PREVIEWS).map((each) => this.#preview(each)));
  }

  async #preview(conversation) {
    if (conversation.head === 0 || conversation.entries.has(conversation.head)) return;
    const page = await this.connection.request('chat.history', { ...conversation.target, limit: 1 });
    conversation.preview = page.messages.at(-1);
    this.store.changed();
  }

  async #fill(conversation) {
    if (this.#filling.has(conversation)) return;
    this.#filling.add(conversation);
    await this.#attempt(async () => {
      for (let hole = conversation.hole; hole !== undefined; hole = conversation.hole) {
        const after = hole - 1;
        const page = await this.connection.request('chat.history', {
          ...conversation.target,
          after,
          limit: HOLE_PAGE,
        });
        conversation.addPage(
          hole,
          page.more ? (page.messages.at(-1)?.seq ?? hole) : page.head,
          page.messages,
        );
        this.store.changed();
      }
      await this.#mark(conversation);
    });
    this.#filling.delete(conversation);
  }

  #sendMarks() {
    this.#timer = undefined;
    const marked = [...this.#marks];
    if (!this.connection.online) return;
    this.#marks.clear();
    for (const conversation of marked) void this.#attempt(() => this.#mark(conversation));
  }

  /** What is not confirmed is marked again after the next hello. */
  async #mark(conversation) {
    const { id, contiguous } = conversation;
    if (id === undefined || contiguous === 0) return;
    if (this.isSeen(conversation) && contiguous > conversation.read) {
      conversation.read = contiguous;
      this.store.changed();
    }
    const reached = Math.min(conversation.read, contiguous);
    if (reached > conversation.readSent) {
      await this.connection.request('chat.read', { conversation: id, seq: reached });
      conversation.readSent = Math.max(conversation.readSent, reached);
    }
    if (contiguous > Math.max(conversation.deliveredSent, conversation.readSent)) {
      await this.connection.request('chat.delivered', { conversation: id, seq: contiguous });
      conversation.deliveredSent = Math.max(conversation.deliveredSent, contiguous);
    }
  }

  async #attempt(action) {
    try {
      await action();
    } catch (error) {
      if (!(error instanceof ConnectionLost)) console.warn('Synchronising failed', error);
    }
  }
}
