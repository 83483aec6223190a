import { confirmed } from './dialogs.js';
import { $, onSubmit } from './dom.js';
import { MembersView } from './members-view.js';
import { told, toast } from './status-view.js';

/** The window about the open group: how it is set, who is in it, leaving and closing it. */
export class GroupView {
  constructor({ client, store }) {
    Object.assign(this, { client, store });
    this.members = new MembersView({ client, store });
    $('chat-members').onclick = () => void this.show().catch(told);
    onSubmit($('group-edit'), () => this.#save(), told);
    $('leave').onclick = () => void this.#leave().catch(told);
    $('dissolve').onclick = () => void this.#dissolve().catch(told);
  }

  async show() {
    const { id } = this.store.active;
    $('members').replaceChildren();
    $('group-settings').open = false;
    $('members-dialog').showModal();
    const profile = await this.#profile(id);
    this.#fill(profile);
    if (profile.relation === 'member') await this.members.show(profile);
  }

  close() {
    $('members-dialog').close();
  }

  /** Something happened in a group. */
  changed(id) {
    if ($('members-dialog').open && this.profile?.id === id) void this.#refresh(id).catch(told);
  }

  async #refresh(id) {
    const profile = await this.#profile(id);
    if (profile.relation !== 'member') return this.close();
    await this.members.refresh(profile);
  }

  async #profile(id) {
    const profile = await this.client.call('group.get', { conversation: id });
    this.profile = profile;
    const { name, visibility, members, description = '', dissolved, relation, role } = profile;
    const kind = visibility === 'open' ? 'Open' : 'Private';
    const size = `${members} ${members === 1 ? 'member' : 'members'}`;
    const runs = role === 'owner' || role === 'admin';
    const member = relation === 'member';
    $('members-title').textContent = name;
    $('members-about').textContent = `${dissolved ? 'Closed. ' : ''}${kind} group, ${size}. Its id: ${id}`;
    $('members-description').textContent = description;
    $('members-description').hidden = description === '';
    $('group-settings').hidden = !runs || dissolved === true;
    $('members-part').hidden = !member;
    $('leave').hidden = !member || (role === 'owner' && members > 1);
    $('dissolve').hidden = role !== 'owner' || dissolved === true;
    return profile;
  }

  #fill(profile) {
    for (const control of $('group-edit').elements) {
      const value = profile[control.name];
      if (control.type === 'checkbox') control.checked = value;
      else if (control.name) control.value = value ?? '';
    }
  }

  async #save() {
    const { profile } = this;
    const changes = {};
    for (const control of $('group-edit').elements) {
      if (!control.name) continue;
      const value = valueOf(control);
      if (value !== (profile[control.name] ?? '')) changes[control.name] = value;
    }
    if (Object.keys(changes).length > 0)
      await this.client.change('group.update', { conversation: profile.id, ...changes });
    $('group-settings').open = false;
    toast('Saved', profile.name);
  }

  async #leave() {
    const { id, name, visibility, members } = this.profile;
    const back = visibility === 'open' ? '' : ' You can come back only by an invitation.';
    const last = members === 1 ? ' You are the last one: the group is closed.' : back;
    const text = `What you have read stays with you.${last}`;
    if (!(await confirmed({ title: `Leave ${name}?`, text, button: 'Leave' }))) return;
    await this.client.change('group.leave', { conversation: id });
    this.close();
  }

  async #dissolve() {
    const { id, name } = this.profile;
    const text = 'Nobody can write in it any more. What was written stays readable.';
    if (!(await confirmed({ title: `Close ${name} for everybody?`, text, button: 'Close the group' })))
      return;
    await this.client.change('group.dissolve', { conversation: id });
    this.close();
  }
}

function valueOf({ type, checked, value }) {
  if (type === 'checkbox') return checked;
  return type === 'number' ? Number(value) : value.trim();
}
