import { $, el } from './dom.js';
import { fullTimeOf, summaryOf } from './format.js';
import { told } from './status-view.js';

/** The window that lists what is pinned in the open conversation. */
export class PinsView {
  /** `jump(conversation, seq)`: shows a message where it is. */
  constructor({ client, store, jump }) {
    Object.assign(this, { client, store, jump });
    $('pins-more').onclick = () => void this.#more().catch(told);
  }

  show() {
    this.conversation = this.store.active;
    this.before = undefined;
    $('pins').replaceChildren();
    $('pins-none').hidden = true;
    $('pins-dialog').showModal();
    void this.#more().catch(told);
  }

  async #more() {
    const { target } = this.conversation;
    const range = this.before && { before: this.before };
    const { pins, more } = await this.client.call('chat.pins', { ...target, ...range });
    this.before = pins.at(-1)?.message.seq;
    $('pins').append(...pins.map((pin) => this.#row(pin)));
    $('pins-more').hidden = !more;
    $('pins-none').hidden = $('pins').childElementCount > 0;
  }

  #row({ message, by, time }) {
    const { store, conversation } = this;
    const open = el(
      'button',
      { type: 'button', className: 'result grow' },
      el('span', { className: 'pin-text', dir: 'auto' }, `${message.from}: ${summaryOf(message)}`),
      el(
        'span',
        { className: 'hint', dir: 'auto' },
        `Pinned by ${by === store.me ? 'you' : by}, ${fullTimeOf(time)}`,
      ),
    );
    open.onclick = () => {
      $('pins-dialog').close();
      this.jump(conversation, message.seq);
    };
    const unpin = el('button', { type: 'button', className: 'secondary' }, 'Unpin');
    unpin.setAttribute('aria-label', `Unpin ${summaryOf(message)}`);
    const row = el('li', {}, open, conversation.writable ? unpin : undefined);
    unpin.onclick = () => void this.#unpin(message.seq, row).catch(told);
    return row;
  }

  async #unpin(seq, row) {
    await this.client.change('chat.pin', { ...this.conversation.target, seq, active: false });
    row.remove();
    $('pins-none').hidden = $('pins').childElementCount > 0;
  }
}
