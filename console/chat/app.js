import { ChatView } from './chat-view.js';
import { Connection } from './connection.js';
import { $ } from './dom.js';
import { plain, summaryOf, titleOf } from './format.js';
import { renderList } from './list-view.js';
import { Outbox } from './outbox.js';
import { signIn } from './session.js';
import { askAfterStop, dismissToasts, renderMe, renderStatus, toast } from './status-view.js';
import { Store } from './store.js';
import { Sync } from './sync.js';

const TYPING_SHOWN = 5000;
const TYPING_SENT_EVERY = 3000;

/** One signed-in person in one tab. */
export class App {
  #live = false;
  #typingSent = 0;

  /** `onEnd(code)` is called when the connection is over and a person has said what next. */
  constructor({ session, url, onEnd }) {
    this.session = session;
    this.onEnd = onEnd;
    this.store = new Store(session.user);
    this.connection = new Connection({ url, session, renew: () => signIn(session.user, session.device) });
    this.sync = new Sync({
      connection: this.connection,
      store: this.store,
      isSeen: (each) => this.#isSeen(each),
    });
    this.outbox = new Outbox({
      user: session.user,
      connection: this.connection,
      onSent: (item, stored) => this.#sent(item, stored),
      onChange: () => this.store.changed(),
    });
    this.view = new ChatView({ store: this.store, outbox: this.outbox, actions: this.#actions() });
  }

  start() {
    for (const { key } of this.outbox.items) if (key.startsWith('@')) this.store.withPeer(key.slice(1));
    this.store.addEventListener('change', () => this.#render());
    this.connection.addEventListener('state', ({ detail }) => this.#stateChanged(detail));
    this.connection.addEventListener('frame', ({ detail }) => this.#frame(detail));
    this.onVisible = () => this.#seen();
    document.addEventListener('visibilitychange', this.onVisible);
    this.ticker = setInterval(() => this.#tick(), 500);
    renderMe(this.session.user);
    this.#render();
    this.connection.start();
  }

  stop() {
    clearInterval(this.ticker);
    document.removeEventListener('visibilitychange', this.onVisible);
    this.connection.stop();
  }

  talkTo(peer) {
    const conversation = this.store.withPeer(peer);
    conversation.time ||= Date.now();
    this.open(conversation);
  }

  open(conversation) {
    this.store.activeKey = conversation.key;
    dismissToasts(conversation.key);
    this.store.changed();
    void this.sync.open(conversation).catch((error) => this.#openFailed(conversation, error));
  }

  close() {
    this.store.activeKey = undefined;
    this.store.changed();
  }

  #openFailed(conversation, error) {
    if (error.code !== 'invalid' && error.code !== 'not_found') return;
    this.store.conversations.delete(conversation.key);
    this.close();
    toast('That name cannot be used', error.details?.[0]?.message ?? error.message);
  }

  #actions() {
    return {
      send: (text) => this.outbox.add(this.store.active, text),
      typing: () => this.#tellTyping(),
      older: () => void this.#older(),
      seen: () => this.#seen(),
      close: () => this.close(),
    };
  }

  #frame({ type, data }) {
    if (type === 'hello') this.#greeted();
    if (type === 'chat.synced') this.#settled();
    if (type === 'chat.message') this.#message(data);
    if (type === 'notification.message') this.#notification(data);
    if (type === 'chat.receipt') this.store.takeReceipt(data);
    if (type === 'chat.typing') this.#typing(data);
    this.store.changed();
  }

  #greeted() {
    this.#live = false;
    void this.sync.start();
    void this.outbox.flush();
  }

  #settled() {
    this.#live = true;
    this.sync.settled();
  }

  #message(message) {
    const { conversation, isNew } = this.store.takeMessage(message);
    if (message.from === this.store.me) this.outbox.confirm(message);
    this.sync.touch(conversation);
    if (isNew && message.from !== this.store.me)
      this.#announce(message.from, summaryOf(message), conversation);
  }

  #notification(notification) {
    const { conversation, isNew } = this.store.takeNotification(notification);
    if (conversation) this.sync.touch(conversation);
    if (!isNew) return;
    const title = conversation
      ? `${titleOf(conversation, this.store.me)}: ${notification.type}`
      : notification.type;
    this.#announce(title, plain(notification.content), conversation);
  }

  /** What was pushed as backlog is in the list already; only what happens now is worth a word. */
  #announce(title, text, conversation) {
    if (!this.#live || (conversation && this.#isSeen(conversation))) return;
    toast(title, text, conversation && { key: conversation.key, onclick: () => this.open(conversation) });
  }

  #typing({ conversation: id, from, active }) {
    const conversation = this.store.byId(id) ?? this.store.conversations.get(`@${from}`);
    if (conversation) conversation.typingUntil = active ? Date.now() + TYPING_SHOWN : 0;
  }

  #tellTyping() {
    const { active } = this.store;
    if (
      Date.now() - this.#typingSent < TYPING_SENT_EVERY ||
      active.peer === this.store.me ||
      active.kind !== 'direct'
    )
      return;
    this.#typingSent = Date.now();
    this.connection.tell('chat.typing', { ...active.target, active: true });
  }

  #sent(item, stored) {
    const conversation = this.store.conversations.get(item.key);
    if (!conversation) return;
    this.#typingSent = 0;
    this.store.identify(conversation, stored.conversation);
    conversation.add({
      ...stored,
      from: this.store.me,
      kind: 'text',
      content: item.content,
      clientId: item.clientId,
    });
    this.sync.touch(conversation);
    this.store.changed();
  }

  async #older() {
    if (this.loadingOlder) return;
    this.loadingOlder = true;
    await this.sync.older(this.store.active).catch(() => undefined);
    this.loadingOlder = false;
  }

  #isSeen(conversation) {
    return (
      conversation === this.store.active &&
      conversation.loaded &&
      document.visibilityState === 'visible' &&
      this.view.atEnd
    );
  }

  #seen() {
    const { active } = this.store;
    if (active && active.contiguous > active.read && this.#isSeen(active)) this.sync.touch(active);
  }

  #stateChanged(state) {
    this.store.connection = state;
    this.store.changed();
    if (state.name === 'stopped') askAfterStop(state, (code) => this.onEnd(code));
  }

  /** Counts down, and lets "is typing" fade. */
  #tick() {
    renderStatus(this.store.connection);
    if (this.store.connection.name === 'waiting') this.store.changed();
    for (const conversation of this.store.conversations.values()) {
      if (conversation.typingUntil === 0 || conversation.typingUntil > Date.now()) continue;
      conversation.typingUntil = 0;
      this.store.changed();
    }
  }

  #render() {
    renderStatus(this.store.connection);
    renderList(this.store, this.outbox, (conversation) => this.open(conversation));
    this.view.render();
    const unread = this.store.sorted.reduce((sum, each) => sum + each.unread(this.store.me), 0);
    document.title = `${unread > 0 ? `(${unread}) ` : ''}${this.store.me} · Rookery chat`;
    $('app').dataset.ready = String(this.#live);
  }
}
