import { CallView } from './call-view.js';
import { Calls } from './calls.js';
import { ChatView } from './chat-view.js';
import { ContactsView } from './contacts-view.js';
import { deviceStorage } from './device.js';
import { closeDialogs, confirmed } from './dialogs.js';
import { $ } from './dom.js';
import { Files } from './files.js';
import { ForwardView } from './forward-view.js';
import { plain, summaryOf, titleOf } from './format.js';
import { GroupView } from './group-view.js';
import { GroupsView } from './groups-view.js';
import { renderList } from './list-view.js';
import { menuItem } from './menus.js';
import { Outgoing } from './outgoing.js';
import { PinsView } from './pins-view.js';
import { Reader } from './reader.js';
import { ClientErrorCode, ErrorCode, RookeryClient, StateCode, webStorage } from './rookery-client.js';
import { SearchView } from './search-view.js';
import { tokensOf } from './session.js';
import { askAfterEnd, dismissToasts, renderMe, renderStatus, toast, told } from './status-view.js';
import { Store } from './store.js';

const MISSED = new Set(['missed', 'cancelled']);
const TYPING_SHOWN = 5000;
/** People in the list whose presence is asked. */
const WATCHED = 100;

/** One signed-in person in one tab: the SDK keeps the promises, and this shows what it says. */
export class App {
  /** What came while this tab was away is here, and the list says what has been read of it. */
  #live = false;
  #synced = false;
  #listed = false;
  #stopped = new AbortController();

  /** `onEnd(code)` is called when the connection is over and a person has said what next. */
  constructor({ session, url, onEnd }) {
    const { user, device } = session;
    this.onEnd = onEnd;
    this.store = new Store(user);
    this.client = new RookeryClient(url, {
      token: tokensOf(session, ({ iceServers }) => (this.calls.iceServers = iceServers)),
      device,
      platform: 'web',
      storage: webStorage(deviceStorage),
    });
    const { client, store } = this;
    this.reader = new Reader({ client, store });
    this.outgoing = new Outgoing({ client, store, device, area: deviceStorage });
    this.files = new Files(client);
    this.contacts = new ContactsView({ client, store, talkTo: (user) => this.talkTo(user) });
    this.group = new GroupView({ client, store });
    this.groups = new GroupsView({ client, store, open: (conversation) => this.open(conversation) });
    this.#windows();
    this.calls = new Calls({ client, store, iceServers: session.iceServers });
    this.callView = new CallView({ store, calls: this.calls });
    const { outgoing, files } = this;
    this.view = new ChatView({ store, outgoing, files, actions: this.#actions() });
  }

  #windows() {
    const { client, store } = this;
    const jump = (conversation, seq) => this.jump(conversation, seq);
    const search = new SearchView({ client, store, jump });
    const pins = new PinsView({ client, store, jump });
    this.forwarding = new ForwardView({
      client,
      store,
      sent: (conversation, stored) => this.reader.take(conversation, stored),
    });
    $('search-all').onclick = () => search.show({ here: false });
    menuItem($('chat-search'), () => search.show({ here: true }));
    menuItem($('chat-pins'), () => pins.show());
  }

  start() {
    const { signal } = this.#stopped;
    this.store.addEventListener('change', () => this.#render(), { signal });
    document.addEventListener('visibilitychange', () => this.#seen(), { signal });
    this.#listen();
    this.calls.listen(signal);
    this.ticker = setInterval(() => this.#tick(), 500);
    renderMe(this.store.me);
    this.client.connect();
  }

  #listen() {
    const events = {
      stateChange: (change) => this.#stateChanged(change),
      error: (error) => this.#wentWrong(error),
      synced: () => this.#settle({ synced: true }),
      entry: (entry) => this.#entry(entry),
      notification: (notification) => notification.seq === undefined && this.#notification(notification),
      'presence.snapshot': ({ users }) => this.store.takePresence(users),
      'presence.changed': ({ users }) => this.store.takePresence(users),
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
    this.callView.stop();
    this.#stopped.abort();
    this.client.disconnect();
    this.files.stop();
    closeDialogs();
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

  /** Shows a message where it is. */
  jump(conversation, seq) {
    this.store.activeKey = conversation.key;
    dismissToasts(conversation.key);
    this.store.changed();
    void this.reader.jump(conversation, seq).catch(told);
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
      attach: (files) => void this.#attach(files),
      reply: (entry) => this.view.compose({ replyTo: entry }),
      edit: (entry) => this.view.compose({ editing: entry }),
      react: ({ seq }, emoji, active) => this.#change('chat.react', { seq, emoji, active }),
      recall: ({ seq }) => this.#change('chat.recall', { seq }),
      forward: (entry) => this.forwarding.show(entry),
      hide: (entry) => void this.#hide(entry).catch(told),
      jump: (conversation, seq) => this.jump(conversation, seq),
      pin: ({ seq, pinned }) => this.#change('chat.pin', { seq, active: !pinned }),
      readers: ({ seq }) => void this.#showReaders(seq).catch(told),
      accept: ({ group, name }) => void this.groups.accept(group, name),
      typing: () => this.#tellTyping(),
      older: () => void this.reader.older(this.store.active).catch(() => undefined),
      newer: () => void this.reader.newer(this.store.active).catch(() => undefined),
      seen: () => this.#seen(),
      close: () => this.close(),
    };
  }

  #send(text) {
    const { active, me } = this.store;
    const { editing, replyTo } = active;
    this.view.compose({});
    if (!editing) active.toNewest();
    if (editing) return this.#change('chat.edit', { seq: editing.seq, content: text });
    const named = active.kind === 'group' ? mentionsIn(text) : {};
    const draft = { kind: 'text', content: text, ...named };
    if (replyTo) draft.replyTo = replyTo.seq;
    if (draft.mentions) draft.mentions = draft.mentions.filter((user) => user !== me);
    this.outgoing.add(active, draft);
  }

  async #attach(files) {
    const { active } = this.store;
    active.toNewest();
    for (const file of files) {
      $('uploading').textContent = `Sending ${file.name}…`;
      await this.files.send(file).then((draft) => this.outgoing.add(active, draft), told);
    }
    $('uploading').textContent = '';
  }

  #change(type, data) {
    void this.client.change(type, { ...this.store.active.target, ...data }).catch(told);
  }

  async #hide({ seq }) {
    const { active } = this.store;
    const text = 'It is deleted on all your devices. The others keep it.';
    if (!(await confirmed({ title: 'Delete for me?', text, button: 'Delete' }))) return;
    await this.client.change('chat.hide', { ...active.target, seqs: [seq] });
    this.store.hide({ conversation: active.id, seqs: [seq] });
  }

  async #showReaders(seq) {
    const { id } = this.store.active;
    const { count, readers } = await this.client.call('chat.readers', { conversation: id, seq });
    const names = readers.map(({ user }) => user).join(', ');
    toast(`Read by ${count}`, names || 'Nobody yet');
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
    const failed = (error) => console.warn('Reading the list failed', error);
    await Promise.all([this.reader.list().catch(failed), this.contacts.list().catch(failed)]);
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

  #entry(entry) {
    if (entry.event === 'chat.message') return this.#message(entry);
    if (entry.event === 'notification.message') return this.#notification(entry);
    const conversation = this.store.takeOther(entry);
    if (entry.event === 'group.invited') this.#announce('Invitation', summaryOf(entry), conversation);
    if (entry.event === 'group.changed') this.#groupChanged(entry, conversation);
    if (entry.event === 'contact.changed') this.#contactChanged(entry);
    if (entry.event === 'chat.call' && entry.to === this.store.me && MISSED.has(entry.outcome))
      this.#announce(entry.from, summaryOf(entry), conversation);
  }

  #contactChanged(entry) {
    const text = this.contacts.changed(entry);
    if (text) this.#announce('Contacts', text);
  }

  #groupChanged(entry, conversation) {
    this.group.changed(entry.conversation);
    const { me } = this.store;
    if (entry.by !== me && entry.users?.includes(me))
      this.#announce(titleOf(conversation, me), summaryOf(entry), conversation);
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
    if (!conversation) return;
    conversation.typingFrom = from;
    conversation.typingUntil = active ? Date.now() + TYPING_SHOWN : 0;
  }

  #tellTyping() {
    const { active } = this.store;
    if (active.peer !== this.store.me && !active.editing) this.client.typing(active.target);
  }

  #isSeen(conversation) {
    return (
      conversation === this.store.active &&
      conversation.loaded &&
      !conversation.around &&
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
    if (this.store.call) this.callView.render();
    if (this.store.connection.state === 'connecting') this.store.changed();
    for (const conversation of this.store.conversations.values()) {
      if (conversation.typingUntil === 0 || conversation.typingUntil > Date.now()) continue;
      conversation.typingUntil = 0;
      this.store.changed();
    }
  }

  #watchPeers() {
    const peers = this.store.sorted.flatMap(({ peer }) => (peer && peer !== this.store.me ? [peer] : []));
    this.client.subscribePresence(peers.slice(0, WATCHED));
  }

  #render() {
    renderStatus(this.store.connection);
    this.#watchPeers();
    renderList(this.store, this.outgoing, (conversation) => this.open(conversation));
    this.view.render();
    this.callView.render();
    this.contacts.render();
    const unread = this.store.sorted.reduce((sum, each) => sum + each.unread(this.store.me), 0);
    const { call, me } = this.store;
    const news = call?.state === 'incoming' ? `${call.peer} is calling · ` : unread > 0 ? `(${unread}) ` : '';
    document.title = `${news}${me} · Rookery chat`;
    $('app').dataset.ready = String(this.#live);
  }
}

/** Who is named in a message to a group. */
function mentionsIn(text) {
  const names = [...text.matchAll(/(?:^|\s)@([^\s@]+?)[.,!?;:]*(?=\s|$)/gu)].map(([, name]) => name);
  const mentions = [...new Set(names.filter((name) => name !== 'all'))].slice(0, 100);
  return {
    ...(mentions.length > 0 && { mentions }),
    ...(names.includes('all') && { mentionAll: true }),
  };
}
