import { confirmed } from './dialogs.js';
import { $, el, onSubmit } from './dom.js';
import { ErrorCode } from './rookery-client.js';
import { told, toast } from './status-view.js';

/** The window for making groups, joining them, and answering invitations. */
export class GroupsView {
  /** `open(conversation)`: shows it. */
  constructor({ client, store, open }) {
    Object.assign(this, { client, store, open });
    $('groups').onclick = () => this.show();
    onSubmit($('group-create'), () => this.#create(), told);
    onSubmit($('group-join'), () => this.#join($('group-id').value.trim()), told);
  }

  show() {
    $('invitations').replaceChildren();
    $('groups-dialog').showModal();
    void this.#invitations().catch(told);
  }

  close() {
    $('groups-dialog').close();
  }

  async accept(group, name) {
    await this.client.change('group.accept', { conversation: group }).catch(told);
    this.#enter(group, name);
  }

  async #create() {
    const name = $('group-name').value.trim();
    const visibility = $('group-private').checked ? 'private' : 'open';
    const { id } = await this.client.change('group.create', { name, visibility });
    $('group-name').value = '';
    this.#enter(id, name);
  }

  async #join(id) {
    try {
      await this.client.change('group.join', { conversation: id });
    } catch (error) {
      if (error.code !== ErrorCode.Refused) throw error;
      return this.#ask(id, error);
    }
    const { name } = await this.client.call('group.get', { conversation: id });
    $('group-id').value = '';
    this.#enter(id, name);
  }

  /** A private group that lets itself be asked. */
  async #ask(id, refusal) {
    const { name, requests, relation } = await this.client.call('group.get', { conversation: id });
    if (!requests || relation === 'banned') throw refusal;
    const text = 'It is private: its admins answer.';
    if (!(await confirmed({ title: `Ask to join ${name}?`, text, button: 'Ask' }))) return;
    await this.client.change('group.request', { conversation: id });
    $('group-id').value = '';
    this.close();
    toast('Asked', name);
  }

  #enter(id, name) {
    const conversation = this.store.withGroup(id, name);
    conversation.time ||= Date.now();
    conversation.left = false;
    this.close();
    this.open(conversation);
  }

  async #invitations() {
    const [invited, requested] = await Promise.all(
      ['invited', 'requested'].map((relation) => this.client.call('group.list', { relation })),
    );
    const waiting = requested.groups.map(({ name }) =>
      el(
        'li',
        {},
        el('span', { className: 'grow', dir: 'auto' }, name),
        el('span', { className: 'hint' }, 'Asked; waiting for an answer'),
      ),
    );
    $('invitations').replaceChildren(
      ...waiting,
      ...invited.groups.map(({ id, name }) => {
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
}
