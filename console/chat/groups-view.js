import { $, el } from './dom.js';
import { toast } from './status-view.js';

const told = (error) => toast('That did not work', error.details?.[0]?.message ?? error.message);

/** The two windows about groups: making and joining one, and the members of the open one. */
export class GroupsView {
  /** `open(conversation)`: shows it. */
  constructor({ client, store, open }) {
    Object.assign(this, { client, store, open });
    $('groups').onclick = () => this.show();
    $('chat-members').onclick = () => void this.#showMembers().catch(told);
    $('group-create').onsubmit = (event) => this.#submit(event, () => this.#create());
    $('group-join').onsubmit = (event) => this.#submit(event, () => this.#join($('group-id').value.trim()));
    $('invite').onsubmit = (event) => this.#submit(event, () => this.#invite());
    $('leave').onclick = () => void this.#leave().catch(told);
    for (const button of document.querySelectorAll('[data-close]'))
      button.onclick = () => button.closest('dialog').close();
  }

  show() {
    $('invitations').replaceChildren();
    $('groups-dialog').showModal();
    void this.#invitations().catch(told);
  }

  close() {
    $('groups-dialog').close();
    $('members-dialog').close();
  }

  async accept(group, name) {
    await this.client.change('group.accept', { conversation: group }).catch(told);
    this.#enter(group, name);
  }

  #submit(event, act) {
    event.preventDefault();
    void act().catch(told);
  }

  async #create() {
    const name = $('group-name').value.trim();
    const visibility = $('group-private').checked ? 'private' : 'open';
    const { id } = await this.client.change('group.create', { name, visibility });
    $('group-name').value = '';
    this.#enter(id, name);
  }

  async #join(id) {
    await this.client.change('group.join', { conversation: id });
    const { name } = await this.client.call('group.get', { conversation: id });
    $('group-id').value = '';
    this.#enter(id, name);
  }

  #enter(id, name) {
    const conversation = this.store.withGroup(id, name);
    conversation.time ||= Date.now();
    conversation.left = false;
    this.close();
    this.open(conversation);
  }

  async #invitations() {
    const { groups } = await this.client.call('group.list', { relation: 'invited' });
    $('invitations').replaceChildren(
      ...groups.map(({ id, name }) => {
        const accept = el('button', { type: 'button', className: 'primary' }, 'Accept');
        const decline = el('button', { type: 'button', className: 'secondary' }, 'Decline');
        const row = el('li', {}, el('span', { className: 'grow', dir: 'auto' }, name), accept, decline);
        accept.onclick = () => void this.accept(id, name);
        decline.onclick = async () => {
          await this.client.change('group.decline', { conversation: id }).catch(told);
          row.remove();
        };
        return row;
      }),
    );
  }

  async #showMembers() {
    const { id } = this.store.active;
    $('members').replaceChildren();
    $('members-dialog').showModal();
    const profile = await this.client.call('group.get', { conversation: id });
    const { members } = await this.client.call('group.members', { conversation: id, limit: 200 });
    $('members-title').textContent = profile.name;
    $('members-about').textContent =
      `${profile.visibility === 'open' ? 'Open' : 'Private'} group, ${profile.members} members. Its id: ${id}`;
    $('invite').hidden = profile.relation !== 'member';
    $('leave').hidden = profile.relation !== 'member';
    $('members').replaceChildren(...members.map((member) => this.#memberRow(member, profile)));
  }

  #memberRow({ user, role }, profile) {
    const state = user === this.store.me ? 'you' : this.store.presence.get(user)?.state;
    const row = el(
      'li',
      {},
      el('span', { className: 'grow', dir: 'auto' }, user),
      el('span', { className: 'hint' }, [role, state].filter(Boolean).join(', ')),
    );
    const below = role === 'member' || (role === 'admin' && profile.role === 'owner');
    if (!below || user === this.store.me || !['owner', 'admin'].includes(profile.role)) return row;
    const label = `Remove ${user}`;
    const remove = el('button', { type: 'button', className: 'link', ariaLabel: label }, 'Remove');
    remove.onclick = async () => {
      await this.client.change('group.remove', { conversation: profile.id, users: [user] }).catch(told);
      await this.#refresh();
    };
    row.append(remove);
    return row;
  }

  async #refresh() {
    $('members-dialog').close();
    await this.#showMembers().catch(told);
  }

  async #invite() {
    const user = $('invitee').value.normalize('NFC').trim();
    await this.client.change('group.invite', { conversation: this.store.active.id, users: [user] });
    $('invitee').value = '';
    toast('Invited', user);
  }

  async #leave() {
    await this.client.change('group.leave', { conversation: this.store.active.id });
    this.close();
  }
}
