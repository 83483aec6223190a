import { $, el, onSubmit, reconcile, taking } from './dom.js';
import { menuItem, menuOf } from './menus.js';
import { told, toast } from './status-view.js';

const PAGE = 100;
/** Users whose block is known from the start; of more it is known where the window shows them. */
const BLOCKS_READ = 1000;

const ACTIONS = {
  contacts: [
    ['Remove', 'remove'],
    ['Block', 'block'],
  ],
  incoming: [['Block', 'block']],
  outgoing: [],
  blocked: [],
};

/** Who knows whom, and who is blocked: the window, and the line in the menu of a direct conversation. */
export class ContactsView {
  #reading;
  #contacts = [];

  /** `talkTo(user)`: opens the conversation with somebody. */
  constructor({ client, store, talkTo }) {
    Object.assign(this, { client, store, talkTo });
    $('contacts-open').onclick = () => this.#open();
    $('contacts-view').onchange = () => void this.#read().catch(told);
    $('contacts-more').onclick = () => void this.#more().catch(told);
    onSubmit($('contact-request'), () => this.#ask(), told);
    menuItem($('chat-block'), () => this.#toggle(store.active.peer));
  }

  /** After each connect: who is blocked may have changed on another device. */
  async list() {
    const blocked = new Set();
    let cursor;
    do {
      const page = await this.#page('blocked', cursor);
      for (const { user } of page.contacts) blocked.add(user);
      cursor = page.next ?? undefined;
    } while (cursor !== undefined && blocked.size < BLOCKS_READ);
    this.store.blocked = blocked;
    this.store.changed();
  }

  /** A `contact.changed`: what to say about it, if anything. */
  changed({ user, by, change, status, blocked }) {
    this.store.blocked[blocked ? 'add' : 'delete'](user);
    if ($('contacts-dialog').open) void this.#read(this.#contacts.length).catch(told);
    if (by === this.store.me) return undefined;
    if (change === 'request' && status === 'incoming') return `${user} wants to be your contact`;
    return status === 'contact' ? `${user} is your contact now` : undefined;
  }

  render() {
    const { active, blocked, me } = this.store;
    const peer = active?.kind === 'direct' && active.peer !== me ? active.peer : undefined;
    $('chat-block').hidden = peer === undefined;
    $('chat-block').textContent = blocked.has(peer) ? 'Unblock' : 'Block';
    if ($('contacts-dialog').open && this.view) this.#show(this.view, this.#contacts, this.next);
  }

  #open() {
    $('contacts-view').value = 'contacts';
    $('contacts').replaceChildren();
    this.view = undefined;
    $('contacts-dialog').showModal();
    void this.#read().catch(told);
  }

  #ask() {
    return taking($('contact-name'), async (to) => {
      const { status } = await this.client.call('contact.request', { to });
      toast(status === 'contact' ? 'Your contact now' : 'Asked', to);
    });
  }

  #toggle(user) {
    const verb = this.store.blocked.has(user) ? 'unblock' : 'block';
    void this.#change(verb, user)
      .then(() => toast(verb === 'block' ? 'Blocked' : 'Not blocked any more', user))
      .catch(told);
  }

  /** What came of it is told by an event, as to the other devices. */
  #change(verb, user) {
    return this.client.call(`contact.${verb}`, { user });
  }

  #page(view, cursor) {
    return this.client.call('contact.list', { view, limit: PAGE, ...(cursor !== undefined && { cursor }) });
  }

  /** From the beginning, and at least so many. */
  async #read(count = 1) {
    const reading = (this.#reading = {});
    const view = $('contacts-view').value;
    const contacts = [];
    let next;
    do {
      const page = await this.#page(view, next ?? undefined);
      contacts.push(...page.contacts);
      next = page.next;
    } while (next !== null && contacts.length < count);
    if (reading === this.#reading) this.#show(view, contacts, next);
  }

  async #more() {
    const reading = this.#reading;
    const view = $('contacts-view').value;
    const page = await this.#page(view, this.next);
    if (reading === this.#reading) this.#show(view, [...this.#contacts, ...page.contacts], page.next);
  }

  #show(view, contacts, next) {
    this.#contacts = contacts;
    Object.assign(this, { view, next });
    const items = contacts.map((contact) => {
      const state = this.store.presence.get(contact.user)?.state ?? '';
      return { key: contact.user, signature: JSON.stringify([view, contact, state]), view, contact, state };
    });
    reconcile($('contacts'), items, (item) => this.#row(item));
    $('contacts-none').hidden = contacts.length > 0;
    $('contacts-more').hidden = next === null;
  }

  #row({ view, contact: { user, blocked, remark, message }, state }) {
    const about = [blocked && view !== 'blocked' && 'blocked', message, view === 'contacts' && state];
    return el(
      'li',
      {},
      el('span', { className: 'grow', dir: 'auto' }, remark ? `${remark} (${user})` : user),
      el('span', { className: 'hint', dir: 'auto' }, about.filter(Boolean).join(', ')),
      ...this.#buttons(view, user),
    );
  }

  #buttons(view, user) {
    const button = (label, act, className = 'secondary') => {
      const one = el('button', { type: 'button', className, onclick: act }, label);
      one.setAttribute('aria-label', `${label}: ${user}`);
      return one;
    };
    const change = (verb) => () => void this.#change(verb, user).catch(told);
    const deeds = ACTIONS[view].map(([label, verb]) => [label, change(verb)]);
    return [
      view === 'contacts' && button('Talk', () => this.#talk(user)),
      view === 'incoming' && button('Accept', change('accept'), 'primary'),
      view === 'incoming' && button('Decline', change('decline')),
      view === 'outgoing' && button('Take back', change('remove')),
      view === 'blocked' && button('Unblock', change('unblock')),
      deeds.length > 0 && menuOf(`Actions for ${user}`, deeds),
    ].filter(Boolean);
  }

  #talk(user) {
    $('contacts-dialog').close();
    this.talkTo(user);
  }
}
