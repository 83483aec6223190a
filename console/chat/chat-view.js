import { $, paintAvatar } from './dom.js';
import { signOf, summaryOf, titleOf } from './format.js';
import { renderMessages } from './messages-view.js';
import { statusText, toast } from './status-view.js';

const NEAR_END = 80;
const KINDS = {
  direct: 'Direct conversation',
  group: 'Group',
  inbox: 'For you, from the server',
  broadcast: 'For everybody, from the server',
};

/** The right-hand side: the open conversation and its composer. */
export class ChatView {
  #shownKey;
  #count = 0;
  /** Whether what was shown last was not the newest. */
  #wasAround = false;

  /** `actions`: `send(text)`, `attach(files)`, `typing()`, `older()`, `newer()`, `seen()`, `close()`, and those of messages. */
  constructor({ store, outgoing, files, actions }) {
    this.files = files;
    this.store = store;
    this.outgoing = outgoing;
    this.actions = actions;
    $('composer').onsubmit = (event) => this.#submit(event);
    $('text').onkeydown = (event) => this.#key(event);
    $('text').oninput = () => this.#typed();
    $('scroller').onscroll = () => this.#scrolled();
    $('to-end').onclick = () => this.#toNewest();
    $('back').onclick = () => actions.close();
    $('attach').onclick = () => $('file').click();
    $('file').onchange = () => this.#picked();
    $('text').onpaste = (event) => this.#brought(event, event.clipboardData);
    document.addEventListener(
      'dragover',
      (event) => holdsFiles(event.dataTransfer) && event.preventDefault(),
    );
    document.addEventListener('drop', (event) => this.#brought(event, event.dataTransfer));
    $('context-cancel').onclick = () => this.compose({});
  }

  get atEnd() {
    const { scrollHeight, scrollTop, clientHeight } = $('scroller');
    return scrollHeight - scrollTop - clientHeight < NEAR_END;
  }

  toEnd() {
    $('scroller').scrollTop = $('scroller').scrollHeight;
  }

  #toNewest() {
    this.store.active.toNewest();
    this.render();
    this.toEnd();
  }

  /** What the composer is about: an answer to a message, an own message that is changed, or neither. */
  compose({ replyTo, editing }) {
    const { active } = this.store;
    if (editing || active.editing) $('text').value = editing?.content ?? '';
    Object.assign(active, { replyTo, editing, draft: $('text').value });
    this.#fit();
    this.store.changed();
    $('text').focus();
  }

  render() {
    const { active } = this.store;
    $('no-chat').hidden = active !== undefined;
    $('open-chat').hidden = active === undefined;
    document.body.classList.toggle('in-chat', active !== undefined);
    if (!active) return void (this.#shownKey = undefined);
    const switched = this.#shownKey !== active.key;
    if (switched) this.#switchTo(active);
    this.#renderHead(active);
    this.#renderMessages(active, switched);
  }

  #switchTo(conversation) {
    this.#shownKey = conversation.key;
    this.#count = 0;
    const title = titleOf(conversation, this.store.me);
    $('messages').replaceChildren();
    $('chat-title').textContent = title;
    paintAvatar($('chat-avatar'), title, signOf(conversation));
    $('text').value = conversation.draft;
    this.#fit();
    if (conversation.writable && matchMedia('(hover: hover)').matches) $('text').focus();
  }

  #renderHead(conversation) {
    const { connection } = this.store;
    const online = connection.state === 'connected';
    const typing = online && conversation.typingUntil > Date.now();
    $('typing').textContent = typing ? `${conversation.peer ?? conversation.typingFrom} is typing…` : '';
    $('chat-subtitle').textContent = online ? this.#subtitle(conversation) : statusText(connection);
    $('chat-title').textContent = titleOf(conversation, this.store.me);
    $('chat-members').hidden = conversation.kind !== 'group';
    $('composer').hidden = !conversation.writable;
    $('read-only').hidden = conversation.writable;
    $('read-only').textContent = readOnlyText(conversation);
    this.#renderContext(conversation);
    const empty = $('chat-empty');
    empty.hidden = conversation.head > 0 || this.outgoing.of(conversation).length > 0;
    empty.textContent = conversation.writable
      ? `Say hello to ${titleOf(conversation, this.store.me)}. To answer yourself, open a second tab and sign in with that name.`
      : 'Nothing so far.';
  }

  #subtitle({ kind, peer }) {
    const presence = kind === 'direct' ? this.store.presence.get(peer) : undefined;
    if (this.store.blocked.has(peer)) return 'Blocked by you';
    return presence ? [presence.state, presence.status?.text].filter(Boolean).join(' · ') : KINDS[kind];
  }

  #renderContext({ replyTo, editing }) {
    const about = editing ?? replyTo;
    $('context').hidden = about === undefined;
    if (about)
      $('context-text').textContent =
        `${editing ? 'Editing' : `Reply to ${about.from}`}: ${summaryOf(about)}`;
  }

  #picked() {
    this.actions.attach([...$('file').files]);
    $('file').value = '';
  }

  /** Files that are pasted or dropped; left alone, the browser would go away from the page to show one. */
  #brought(event, transfer) {
    if (!holdsFiles(transfer)) return;
    event.preventDefault();
    if (this.store.active?.writable) this.actions.attach([...transfer.files]);
  }

  #renderMessages(conversation, switched) {
    const scroller = $('scroller');
    const { atEnd } = this;
    const fromEnd = scroller.scrollHeight - scroller.scrollTop;
    const first = $('messages').firstElementChild?.dataset.key;
    const { outgoing, actions, files } = this;
    const count = renderMessages(conversation, this.store.me, { outgoing, actions, files });
    const grewAbove = first !== undefined && $('messages').firstElementChild?.dataset.key !== first;
    const around = conversation.around !== undefined;
    const newest = !around && !this.#wasAround;
    this.#wasAround = around;
    if (switched || (atEnd && newest)) this.toEnd();
    else if (grewAbove) scroller.scrollTop = scroller.scrollHeight - fromEnd;
    else if (count > this.#count && newest) $('to-end').hidden = false;
    this.#count = count;
    if (conversation.focus !== undefined) this.#show(conversation);
    $('to-end').textContent = around ? 'Newest messages ↓' : 'New messages ↓';
    if (around) $('to-end').hidden = false;
    else if (this.atEnd) $('to-end').hidden = true;
    if (around && this.atEnd) this.actions.newer();
    this.actions.seen();
  }

  /** Brings a message into view, and the keyboard to it. */
  #show(conversation) {
    const row = $('messages').querySelector(`[data-seq="${conversation.focus}"]`);
    conversation.focus = undefined;
    if (!row) return toast('Not here any more', 'This message was deleted.');
    row.scrollIntoView({ block: 'center' });
    row.tabIndex = -1;
    row.focus({ preventScroll: true });
    row.classList.add('found');
  }

  #submit(event) {
    event.preventDefault();
    const text = $('text').value.trim();
    if (text === '') return;
    $('text').value = '';
    this.store.active.draft = '';
    this.#fit();
    this.actions.send(text);
    this.toEnd();
  }

  #key(event) {
    if (event.key === 'Escape' && !$('context').hidden) return this.compose({});
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    $('composer').requestSubmit();
  }

  #typed() {
    this.store.active.draft = $('text').value;
    this.#fit();
    if ($('text').value !== '') this.actions.typing();
  }

  #fit() {
    const text = $('text');
    text.style.height = 'auto';
    text.style.height = `${Math.min(text.scrollHeight, 160)}px`;
  }

  #scrolled() {
    if (this.atEnd && this.store.active?.around) this.actions.newer();
    else if (this.atEnd) {
      $('to-end').hidden = true;
      this.actions.seen();
    }
    if ($('scroller').scrollTop < NEAR_END) this.actions.older();
  }
}

/** What is copied in an office program is text that has a picture beside it. */
function holdsFiles({ types }) {
  return types.includes('Files') && !types.includes('text/plain');
}

function readOnlyText({ dissolved, left }) {
  if (dissolved) return 'This group was closed.';
  return left
    ? 'You are no member of this group any more.'
    : 'Told by the server: there is nobody to answer to.';
}
