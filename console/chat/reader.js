import { isShown } from './conversation.js';
import { ClientErrorCode } from './rookery-client.js';

const PAGE = 50;
/** Conversations in the list whose last message is read just to be shown there. */
const PREVIEWS = 30;
/** Entries among which the last one that is shown is looked for. */
const LOOKED_AT = 10;

/** Reads what nobody pushes: the list, and the pages that a person opens or scrolls to. */
export class Reader {
  #loading = new Set();

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
    if (conversation.complete || !conversation.loaded) return Promise.resolve();
    return this.#once(conversation, async () => {
      const { target, low } = conversation;
      conversation.takeOlder(await this.client.history(target, { before: low, limit: PAGE }));
    });
  }

  async #preview(conversation) {
    if (conversation.head === 0 || conversation.entries.has(conversation.head)) return;
    const page = await this.client.history(conversation.target, { limit: LOOKED_AT });
    conversation.preview = page.messages.filter(isShown).at(-1);
    this.store.changed();
  }

  async #once(conversation, read) {
    if (this.#loading.has(conversation)) return;
    this.#loading.add(conversation);
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
