import { randomId } from './random-id.js';
import { ErrorCode } from './rookery-client.js';
import { keyOfPeer } from './store.js';

const keyOf = ({ to, conversation }) => (to === undefined ? conversation : keyOfPeer(to));

function reasonOf({ code, message, details }) {
  if (code === ErrorCode.TooLarge) return 'This message is too long';
  return details?.[0]?.message ?? message;
}

/** What is on its way: the outbox of the SDK, and what was refused, kept until a person has decided about it. */
export class Outgoing {
  #pending = [];
  /** What was pending before the last change: an error names only the id of what has just left. */
  #before = [];
  #failed;
  #storageKey;

  /** `area`: a Web Storage, for what was refused. */
  constructor({ client, store, device, area }) {
    this.client = client;
    this.store = store;
    this.area = area;
    this.#storageKey = `rookery.${device}.refused`;
    this.#failed = JSON.parse(area.getItem(this.#storageKey) ?? '[]').filter(({ draft }) => draft);
    this.#show(this.#failed);
    client.on('pendingChange', (pending) => this.#take(pending));
  }

  of(conversation) {
    const items = [...this.#failed, ...this.#pending].filter(
      ({ target }) => keyOf(target) === conversation.key,
    );
    return items.sort((a, b) => a.time - b.time);
  }

  add(conversation, draft) {
    void this.#send({ target: conversation.target, draft, clientId: randomId(), time: Date.now() });
  }

  retry(item) {
    this.remove(item);
    void this.#send(item);
  }

  remove(item) {
    this.#failed = this.#failed.filter(({ clientId }) => clientId !== item.clientId);
    this.#keep();
  }

  /** A message that a page before this one has sent, and that nobody waits for. */
  refused(error) {
    const item = [...this.#pending, ...this.#before].find(({ clientId }) => clientId === error.clientId);
    if (item) this.#fail(item, error);
  }

  async #send(item) {
    const { target, draft, clientId } = item;
    const { client, store } = this;
    try {
      const receipt = await client.send(target, draft, { clientId });
      store.takeSent({ ...receipt, ...target, from: store.me, ...draft, clientId });
    } catch (error) {
      this.#fail(item, error);
    }
  }

  #fail({ target, draft, clientId, time }, error) {
    this.#failed.push({ target, draft, clientId, time, failure: reasonOf(error) });
    this.#keep();
  }

  #take(pending) {
    this.#before = this.#pending;
    const known = new Map(this.#before.map((item) => [item.clientId, item]));
    this.#pending = pending
      .filter(({ user = this.store.me }) => user === this.store.me)
      .map((item) => known.get(item.clientId) ?? shown(item));
    this.#show(this.#pending);
    this.store.changed();
  }

  /** Nothing is on its way to somebody who is not in the list. */
  #show(items) {
    for (const { target } of items) if (target.to !== undefined) this.store.withPeer(target.to);
  }

  #keep() {
    if (this.#failed.length > 0) this.area.setItem(this.#storageKey, JSON.stringify(this.#failed));
    else this.area.removeItem(this.#storageKey);
    this.store.changed();
  }
}

function shown({ clientId, target, draft }) {
  return { clientId, target, draft, time: Date.now() };
}
