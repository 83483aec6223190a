import { isShown } from './conversation.js';
import { ClientErrorCode } from './rookery-client.js';

const PAGE = 50;
/** Entries above a message that somebody jumps to; as many as below it, or nearly. */
const ABOVE = 25;
/** Conversations in the list whose last message is read just to be shown there. */
const PREVIEWS = 30;
/** Entries among which the last one that is shown is looked for. */
const LOOKED_AT = 10;

/** Reads what nobody pushes: the list, and the pages that a person opens or scrolls to. */
export class Reader {
  /** What is being read, by conversation. */
  #loading = new Map();

  constructor({ client, store }) {
    this.client = client;
    this.store = store;
  }

  /** After each connect: what moved meanwhile, and how far others have come. */
  async list() {
    for await (const states of this.client.sync(200)) {
      for (const state of states) this.store.takeState(state);
      this.store.changed();
    }
    const { sorted, active } = this.store;
    await Promise.all(sorted.slice(0, PREVIEWS).map((each) => this.#preview(each)));
    if (active) await this.open(active);
  }

  /** Reads the newest page, unless all of it is here. */
  open(conversation) {
    if (conversation.loaded && conversation.reached >= conversation.head) return Promise.resolve();
    return this.#once(conversation, async () => {
      const page = await this.client.history(conversation.target, { limit: PAGE });
      this.store.identify(conversation, page.conversation);
      conversation.takeNewest(page);
    });
  }

  /** Reads the page before what is here. */
  older(conversation) {
    if (conversation.part.complete || !conversation.loaded) return Promise.resolve();
    return this.#once(conversation, async () => {
      const { target, low, part } = conversation;
      const page = await this.client.history(target, { before: low, limit: PAGE });
      if (part === conversation.part) conversation.takeOlder(page);
    });
  }

  /** Reads the page after what is here around an old message. */
  newer(conversation) {
    if (!conversation.around) return Promise.resolve();
    return this.#once(conversation, async () => {
      const { target, high, around } = conversation;
      const page = await this.client.history(target, { after: high, limit: PAGE });
      if (around === conversation.around) conversation.takeNewer(page);
    });
  }

  /** Shows a message with what is around it, as far back as it may be. */
  async jump(conversation, seq) {
    await this.open(conversation);
    if (conversation.entries.has(seq)) conversation.toNewest();
    else if (!conversation.around?.entries.has(seq)) {
      const range = { before: seq + ABOVE, limit: PAGE };
      conversation.takeAround(await this.client.history(conversation.target, range));
    }
    conversation.focus = seq;
    this.store.changed();
  }

  /** Reads an entry that this tab has stored itself and that nobody brings it. */
  async take(conversation, { conversation: id, seq }) {
    this.store.identify(conversation, id);
    if (conversation.entries.has(seq)) return;
    const page = await this.client.history(conversation.target, { after: seq - 1, limit: 1 });
    for (const message of page.messages) conversation.add({ ...message, asOf: page.head });
    this.store.changed();
  }

  async #preview(conversation) {
    if (conversation.head === 0 || conversation.entries.has(conversation.head)) return;
    const page = await this.client.history(conversation.target, { limit: LOOKED_AT });
    conversation.preview = page.messages.filter(isShown).at(-1);
    conversation.bare = conversation.kind === 'inbox' && !conversation.last && !page.more;
    this.store.changed();
  }

  #once(conversation, read) {
    const reading = this.#loading.get(conversation) ?? this.#read(conversation, read);
    this.#loading.set(conversation, reading);
    return reading;
  }

  async #read(conversation, read) {
    try {
      await read();
      this.store.changed();
    } catch (error) {
      // The next connection begins with the list, and so with this.
      if (error.code !== ClientErrorCode.Disconnected) throw error;
    } finally {
      this.#loading.delete(conversation);
    }
  }
}
