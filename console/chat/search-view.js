import { $, el, onSubmit } from './dom.js';
import { shortTimeOf, summaryOf, titleOf } from './format.js';

/** A page of results may be empty although more are to come; after so many of them a person asks for more. */
const EMPTY_PAGES = 5;

/** The window that finds messages, in all conversations or in the open one. */
export class SearchView {
  /** What is asked for; a later search makes the answers to an earlier one void. */
  #asked;

  /** `jump(conversation, seq)`: shows a message where it is. */
  constructor({ client, store, jump }) {
    Object.assign(this, { client, store, jump });
    onSubmit(
      $('search'),
      () => this.#search(),
      (error) => this.#say(error.details?.[0]?.message ?? error.message),
    );
    $('search-more').onclick = () => void this.#more(this.#asked);
  }

  /** `here`: looks only in the open conversation, unless a person says otherwise. */
  show({ here }) {
    const { active, me } = this.store;
    this.conversation = active;
    $('search-here-line').hidden = active?.id === undefined;
    $('search-here').checked = here && active?.id !== undefined;
    $('search-here-name').textContent = active ? titleOf(active, me) : '';
    $('search-dialog').showModal();
    $('search-query').select();
  }

  async #search() {
    const query = $('search-query').value.trim();
    $('search-results').replaceChildren();
    $('search-more').hidden = true;
    if (query === '') return this.#say('');
    const here = $('search-here').checked && { conversation: this.conversation.id };
    this.#asked = { query, ...here };
    this.#say('Searching…');
    await this.#more(this.#asked);
  }

  async #more(asked) {
    $('search-more').hidden = true;
    const { results, next, complete } = await this.#page(asked, EMPTY_PAGES);
    if (asked !== this.#asked) return;
    asked.cursor = next ?? undefined;
    $('search-results').append(...results.map((hit) => this.#row(hit)));
    $('search-more').hidden = next === null;
    const count = $('search-results').childElementCount;
    const found = count === 0 ? 'Nothing found' : `${count}${next === null ? '' : ' or more'} found`;
    this.#say(complete ? found : `${found}; the latest messages may be missing`);
  }

  async #page(asked, attempts) {
    const page = await this.client.call('search.messages', asked);
    if (page.results.length > 0 || page.next === null || attempts === 1) return page;
    return this.#page({ ...asked, cursor: page.next }, attempts - 1);
  }

  #say(text) {
    $('search-status').textContent = text;
  }

  #row({ message, snippet }) {
    const { store } = this;
    const conversation = store.conversationOf(message);
    const open = el(
      'button',
      { type: 'button', className: 'result' },
      el(
        'span',
        { className: 'result-head' },
        el('strong', { className: 'ellipsis grow', dir: 'auto' }, titleOf(conversation, store.me)),
        el('span', { className: 'row-time' }, shortTimeOf(message.time)),
      ),
      el(
        'span',
        { className: 'row-text', dir: 'auto' },
        `${message.from === store.me ? 'You' : message.from}: `,
        ...snippetOf(message, snippet),
      ),
    );
    open.onclick = () => {
      $('search-dialog').close();
      this.jump(conversation, message.seq);
    };
    return el('li', {}, open);
  }
}

/** What was found is marked; everything is text. */
function snippetOf(message, { text, marks }) {
  if (text === '') return [summaryOf(message)];
  let end = 0;
  const parts = marks.flatMap(([from, to]) => {
    const before = text.slice(end, from);
    end = to;
    return [before, el('mark', {}, text.slice(from, to))];
  });
  return [...parts, text.slice(end)];
}
