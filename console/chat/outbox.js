import { ConnectionLost } from './connection.js';
import { randomId } from './session.js';

const RETRY_DELAY = 2000;
/** Bytes of a frame around the text. */
const ENVELOPE = 512;

/**
 * Messages on their way: kept until the server has confirmed each, also through a reload, and repeated with the same
 * client id, so that nothing is stored twice. One at a time, so that a repetition never overtakes.
 */
export class Outbox {
  items;
  #storageKey;
  #busy = false;

  constructor({ user, connection, onSent, onChange }) {
    this.connection = connection;
    this.onSent = onSent;
    this.onChange = onChange;
    this.#storageKey = `rookery.outbox.${user}`;
    this.items = JSON.parse(sessionStorage.getItem(this.#storageKey) ?? '[]');
  }

  of(conversation) {
    return this.items.filter(({ key }) => key === conversation.key);
  }

  add(conversation, text) {
    const item = {
      key: conversation.key,
      target: conversation.target,
      clientId: randomId(),
      content: text,
      time: Date.now(),
    };
    this.items.push(item);
    this.#changed();
    void this.flush();
  }

  remove(item) {
    this.items = this.items.filter((each) => each !== item);
    this.#changed();
  }

  retry(item) {
    delete item.failure;
    this.#changed();
    void this.flush();
  }

  /** The message came back by another way: pushed, after the answer to it was lost. */
  confirm({ clientId }) {
    const item = this.items.find((each) => each.clientId === clientId);
    if (item) this.remove(item);
  }

  async flush() {
    if (this.#busy) return;
    this.#busy = true;
    for (let item = this.#next(); item && this.connection.online; item = this.#next()) await this.#send(item);
    this.#busy = false;
  }

  #next() {
    return this.items.find(({ failure }) => failure === undefined);
  }

  async #send(item) {
    const { target, clientId, content } = item;
    if (new TextEncoder().encode(content).length + ENVELOPE > this.connection.maxFrame)
      return this.#fail(item, 'This message is too long');
    try {
      const stored = await this.connection.request('chat.send', {
        ...target,
        kind: 'text',
        content,
        clientId,
      });
      this.remove(item);
      this.onSent(item, stored);
    } catch (error) {
      if (error instanceof ConnectionLost) return;
      if (!error.retryable) return this.#fail(item, error.details?.[0]?.message ?? error.message);
      await new Promise((resolve) => setTimeout(resolve, (error.retryAfter ?? 0) * 1000 || RETRY_DELAY));
    }
  }

  #fail(item, reason) {
    item.failure = reason;
    this.#changed();
  }

  #changed() {
    sessionStorage.setItem(this.#storageKey, JSON.stringify(this.items));
    this.onChange();
  }
}
