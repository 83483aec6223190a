import { confirmed } from './dialogs.js';
import { $, el, onSubmit, reconcile, taking } from './dom.js';
import { fullTimeOf } from './format.js';
import { menuOf } from './menus.js';
import { told, toast } from './status-view.js';

const PAGE = 100;
const TYPING_PAUSE = 200;
const HOUR = 3_600_000;
const YEAR = 365 * 24 * HOUR;

const isAbove = (mine, theirs) =>
  mine === 'owner' ? theirs !== 'owner' : mine === 'admin' && theirs === 'member';

/** Who is in the open group, and what its owner and admins do with them. */
export class MembersView {
  /** The newest reading of the list makes older ones void. */
  #reading;
  #members = [];

  constructor({ client, store }) {
    Object.assign(this, { client, store });
    $('members-filter').oninput = () => this.#typed();
    $('members-relation').onchange = () => void this.#read().catch(told);
    $('members-more').onclick = () => void this.#more().catch(told);
    onSubmit($('invite'), () => this.#invite(), told);
  }

  /** `profile`: the group as this person sees it. */
  async show(profile) {
    this.profile = profile;
    $('members-filter').value = '';
    $('members-relation').value = 'member';
    this.#showRights();
    await this.#read();
  }

  /** The same list, after something has changed. */
  async refresh(profile) {
    this.profile = profile;
    this.#showRights();
    await this.#read(this.#members.length);
  }

  #showRights() {
    const { relation, role, invite, dissolved } = this.profile;
    const runs = role === 'owner' || role === 'admin';
    $('invite').hidden = relation !== 'member' || dissolved || (invite === 'admins' && !runs);
    $('members-relation').hidden = !runs;
    if (!runs) $('members-relation').value = 'member';
  }

  #typed() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => void this.#read().catch(told), TYPING_PAUSE);
  }

  /** From the beginning, and at least so many. */
  async #read(count = 1) {
    const reading = (this.#reading = {});
    const members = [];
    let next;
    do {
      const page = await this.#page(next);
      members.push(...page.members);
      next = page.next;
    } while (next !== null && members.length < count);
    if (reading === this.#reading) this.#show(members, next);
  }

  async #more() {
    const reading = this.#reading;
    const page = await this.#page(this.next);
    if (reading === this.#reading) this.#show([...this.#members, ...page.members], page.next);
  }

  #page(cursor) {
    const prefix = $('members-filter').value.normalize('NFC').trim();
    return this.client.call('group.members', {
      conversation: this.profile.id,
      relation: $('members-relation').value,
      limit: PAGE,
      ...(prefix !== '' && { prefix }),
      ...(typeof cursor === 'string' && { cursor }),
    });
  }

  #show(members, next) {
    this.#members = members;
    this.next = next;
    const { role } = this.profile;
    const items = members.map((member) => {
      const about = this.#about(member);
      const signature = JSON.stringify([member, about, role]);
      return { key: `${member.relation}:${member.user}`, signature, member, about };
    });
    reconcile($('members'), items, (item) => this.#row(item));
    $('members-none').hidden = members.length > 0;
    $('members-more').hidden = next === null;
  }

  #about({ user, relation, role, mutedUntil, invitedBy, until }) {
    const muted =
      mutedUntil && (mutedUntil > Date.now() + YEAR ? 'muted' : `muted until ${fullTimeOf(mutedUntil)}`);
    const state = user === this.store.me ? 'you' : this.store.presence.get(user)?.state;
    const expired = until < Date.now() ? ', expired' : '';
    const invited = relation === 'invited' && `by ${invitedBy}${expired}`;
    return [role, muted, invited, relation === 'member' && state].filter(Boolean).join(', ');
  }

  #row({ member, about }) {
    return el(
      'li',
      {},
      el('span', { className: 'grow', dir: 'auto' }, member.user),
      el('span', { className: 'hint' }, about),
      ...this.#offers(member),
    );
  }

  /** What this person may do with that one. */
  #offers({ user, relation, role, mutedUntil }) {
    const change = (type, label, className = 'secondary') => {
      const button = el('button', { type: 'button', className }, label);
      button.setAttribute('aria-label', `${label}: ${user}`);
      button.onclick = () => this.#change(type, { users: [user] });
      return button;
    };
    if (relation === 'requested')
      return [change('approve', 'Approve', 'primary'), change('reject', 'Decline')];
    if (relation === 'invited') return [change('reject', 'Take back')];
    if (relation === 'banned') return [change('unban', 'Lift the ban')];
    const { role: mine, dissolved } = this.profile;
    if (user === this.store.me || dissolved || !isAbove(mine, role)) return [];
    return [menuOf(`Actions for ${user}`, this.#deeds({ user, role, mutedUntil }))];
  }

  #deeds({ user, role, mutedUntil }) {
    const owner = this.profile.role === 'owner';
    const asked = (question, type, data) => async () =>
      (await confirmed(question)) && this.#change(type, data);
    const give = {
      title: `Give the group to ${user}?`,
      text: 'You stay an admin. Only the new owner can give it back.',
      button: 'Give',
    };
    const ban = { title: `Ban ${user}?`, text: `${user} is removed and cannot come back.`, button: 'Ban' };
    return [
      owner && role === 'member' && ['Make admin', () => this.#change('role', { user, role: 'admin' })],
      owner && role === 'admin' && ['Make member', () => this.#change('role', { user, role: 'member' })],
      owner && ['Give the group…', asked(give, 'transfer', { user })],
      !mutedUntil && ['Mute for an hour', () => this.#change('mute', { user, until: Date.now() + HOUR })],
      !mutedUntil && ['Mute', () => this.#change('mute', { user })],
      mutedUntil && ['Unmute', () => this.#change('unmute', { user })],
      ['Remove', () => this.#change('remove', { users: [user] })],
      ['Ban…', asked(ban, 'ban', { users: [user] })],
    ].filter(Boolean);
  }

  /** What came of it is told by an event, as to everybody else. */
  #change(verb, data) {
    void this.client.change(`group.${verb}`, { conversation: this.profile.id, ...data }).catch(told);
  }

  #invite() {
    return taking($('invitee'), async (user) => {
      await this.client.change('group.invite', { conversation: this.profile.id, users: [user] });
      toast('Invited', user);
    });
  }
}
