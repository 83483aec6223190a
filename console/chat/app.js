import { ChatView } from './chat-view.js';
import { deviceStorage } from './device.js';
import { $ } from './dom.js';
import { plain, summaryOf, titleOf } from './format.js';
import { renderList } from './list-view.js';
import { Outgoing } from './outgoing.js';
import { Reader } from './reader.js';
import { ClientErrorCode, ErrorCode, RookeryClient, StateCode, webStorage } from './rookery-client.js';
import { tokensOf } from './session.js';
import { askAfterEnd, dismissToasts, renderMe, renderStatus, toast } from './status-view.js';
import { Store } from './store.js';

const TYPING_SHOWN = 5000;
const TYPING_SENT_EVERY = 3000;

/** One signed-in person in one tab: the SDK keeps the promises, and this shows what it says. */
export class App {
  /** What came while this tab was away is here, and the list says what has been read of it. */
  #live = false;
  #synced = false;
  #listed = false;
  #typingSent = 0;
  #stopped = new AbortController();

  /** `onEnd(code)` is called when the connection is over and a person has said what next. */
  constructor({ session, url, onEnd }) {
    const { user, device } = session;
    this.onEnd = onEnd;
    this.store = new Store(user);
    this.client = new RookeryClient(url, {
      token: tokensOf(session),
      device,
      platform: 'web',
      storage: webStorage(deviceStorage),
    });
    const { client, store } = this;
    this.reader = new Reader({ client, store });
    this.outgoing = new Outgoing({ client, store, device, area: deviceStorage });
    this.view = new ChatView({ store, outgoing: this.outgoing, actions: this.#actions() });
  }

  start() {
    const { signal } = this.#stopped;
    this.store.addEventListener('change', () => this.#render(), { signal });
    document.addEventListener('visibilitychange', () => this.#seen(), { signal });
    this.#listen();
    this.ticker = setInterval(() => this.#tick(), 500);
    renderMe(this.store.me);
    this.client.connect();
  }

  #listen() {
    const events = {
      stateChange: (change) => this.#stateChanged(change),
      error: (error) => this.#wentWrong(error),
      synced: () => this.#settle({ synced: true }),
      message: (message) => this.#message(message),
      notification: (notification) => this.#notification(notification),
      receipt: (receipt) => this.store.takeReceipt(receipt),
      typing: (typing) => this.#typing(typing),
    };
    for (const [name, listener] of Object.entries(events))
      this.client.on(name, (data) => {
        listener(data);
        this.store.changed();
      });
  }

  stop() {
    clearInterval(this.ticker);
    this.#stopped.abort();
    this.client.disconnect();
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
    void this.reader.open(conversation).catch((error) => this.#openFailed(conversation, error));
  }

  close() {
    this.store.activeKey = undefined;
    this.store.changed();
  }

  #openFailed(conversation, error) {
    if (error.code !== ErrorCode.Invalid && error.code !== ErrorCode.NotFound)
      return console.warn('Opening failed', error);
    toast('That name cannot be used', error.details?.[0]?.message ?? error.message);
    if (this.outgoing.of(conversation).length > 0) return;
    this.store.conversations.delete(conversation.key);
    this.close();
  }

  #actions() {
    return {
      send: (text) => this.#send(text),
      typing: () => this.#tellTyping(),
      older: () => void this.reader.older(this.store.active).catch(() => undefined),
      seen: () => this.#seen(),
      close: () => this.close(),
    };
  }

  #send(text) {
    this.#typingSent = 0;
    this.outgoing.add(this.store.active, text);
  }

  #stateChanged(change) {
    this.store.connection = change;
    this.#settle({ synced: false, listed: false });
    if (change.state === 'connected') void this.#list();
    if (change.state === 'disconnected' && change.code !== StateCode.DisconnectCalled)
      askAfterEnd(change, (code) => this.onEnd(code));
  }

  async #list() {
    const { connection } = this.store;
    await this.reader.list().catch((error) => console.warn('Reading the list failed', error));
    if (connection === this.store.connection) this.#settle({ listed: true });
  }

  #settle({ synced = this.#synced, listed = this.#listed }) {
    this.#synced = synced;
    this.#listed = listed;
    this.#live = synced && listed;
    this.store.changed();
  }

  #wentWrong(error) {
    const { connection } = this.store;
    if (error.clientId !== undefined) this.outgoing.refused(error);
    else if (connection.state === 'connecting' && error.code === ClientErrorCode.ConnectionLost)
      this.store.connection = { ...connection, retryAt: Date.now() + error.retryAfter * 1000 };
    else console.warn(error);
  }

  #message(message) {
    const conversation = this.store.takeMessage(message);
    if (message.from !== this.store.me && message.seq > conversation.read)
      this.#announce(message.from, summaryOf(message), conversation);
  }

  #notification(notification) {
    const conversation = this.store.takeNotification(notification);
    if (conversation && notification.seq <= conversation.read) return;
    const { type, content } = notification;
    const title = conversation ? `${titleOf(conversation, this.store.me)}: ${type}` : type;
    this.#announce(title, plain(content), conversation);
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
    this.client.typing(active.target);
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
    if (!active || active.reached <= active.read || !this.#isSeen(active)) return;
    active.read = active.reached;
    this.client.markRead(active.id, active.read);
    this.store.changed();
  }

  /** Counts down, and lets "is typing" fade. */
  #tick() {
    renderStatus(this.store.connection);
    if (this.store.connection.state === 'connecting') this.store.changed();
    for (const conversation of this.store.conversations.values()) {
      if (conversation.typingUntil === 0 || conversation.typingUntil > Date.now()) continue;
      conversation.typingUntil = 0;
      this.store.changed();
    }
  }

  #render() {
    renderStatus(this.store.connection);
    renderList(this.store, this.outgoing, (conversation) => this.open(conversation));
    this.view.render();
    const unread = this.store.sorted.reduce((sum, each) => sum + each.unread(this.store.me), 0);
    document.title = `${unread > 0 ? `(${unread}) ` : ''}${this.store.me} · Rookery chat`;
    $('app').dataset.ready = String(this.#live);
  }
}
