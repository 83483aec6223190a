import { $, el, onSubmit } from './dom.js';
import { signOf, summaryOf, titleOf } from './format.js';
import { avatarOf } from './list-view.js';
import { told, toast } from './status-view.js';

const CHOICES = 50;

/** The window that sends a copy of a message somewhere else. */
export class ForwardView {
  /** `sent(conversation)`: a copy is in its journal. */
  constructor({ client, store, sent }) {
    Object.assign(this, { client, store, sent });
    $('forward-to').oninput = () => this.#render();
    onSubmit($('forward'), async () => $('forward-choices').querySelector('button')?.click(), told);
  }

  show(entry) {
    this.from = { conversation: entry.conversation ?? this.store.active.id, seq: entry.seq };
    $('forward-to').value = '';
    $('forward-text').textContent = summaryOf(entry);
    this.#render();
    $('forward-dialog').showModal();
    $('forward-to').focus();
  }

  #render() {
    const { store } = this;
    const typed = $('forward-to').value.normalize('NFC').trim();
    const title = (conversation) => titleOf(conversation, store.me);
    const known = store.sorted.filter(
      (each) => each.writable && title(each).toLowerCase().includes(typed.toLowerCase()),
    );
    const named = typed === '' || store.conversations.get(`@${typed}`) ? [] : [{ peer: typed }];
    $('forward-choices').replaceChildren(
      ...known.slice(0, CHOICES).map((each) => this.#row(title(each), signOf(each), () => each)),
      ...named.map(({ peer }) => this.#row(peer, undefined, () => store.withPeer(peer))),
    );
  }

  #row(title, sign, find) {
    const choose = el(
      'button',
      { type: 'button', className: 'row' },
      avatarOf(title, sign),
      el('span', { className: 'ellipsis grow', dir: 'auto' }, title),
    );
    choose.onclick = () => void this.#forward(title, find).catch(told);
    return el('li', {}, choose);
  }

  async #forward(title, find) {
    $('forward-dialog').close();
    const conversation = find();
    try {
      const stored = await this.client.change('chat.forward', { ...conversation.target, from: this.from });
      await this.sent(conversation, stored);
      toast('Forwarded', title);
    } catch (error) {
      if (conversation.head === 0 && conversation !== this.store.active)
        this.store.conversations.delete(conversation.key);
      throw error;
    }
  }
}
