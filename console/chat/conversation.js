const SHOWN = new Set([
  'chat.message',
  'notification.message',
  'group.changed',
  'group.invited',
  'chat.call',
]);
const COUNTED = new Set(['chat.message', 'notification.message']);
const ENDED = new Set(['left', 'removed', 'banned']);

/** One conversation as this tab shows it: entries by sequence number, and cursors. */
export class Conversation {
  id;
  kind = 'direct';
  peer;
  head = 0;
  /** Everything that is to be shown is here up to this number. */
  reached = 0;
  read = 0;
  peerDelivered = 0;
  peerRead = 0;
  time = 0;
  entries = new Map();
  /** Old entries around a message that somebody jumped to, shown instead: `{entries, complete}`. */
  around;
  /** The message that is to be brought into view. */
  focus;
  /** The newest page has been read. */
  loaded = false;
  /** Nothing exists before what is here. */
  complete = false;
  preview;
  /** Nothing in it is shown as a line of its own, as far as is known: an inbox of changes alone. */
  bare = false;
  typingUntil = 0;
  typingFrom;
  draft = '';
  /** Of a group. */
  name;
  left = false;
  dissolved = false;
  /** What the server counted up to `countedTo`; what came since is counted here. */
  counted = { unread: 0, mentions: 0 };
  countedTo = 0;
  /** The message that the composer answers, or changes. */
  replyTo;
  editing;

  constructor(key) {
    this.key = key;
  }

  /** How a command names it: by the other person, where there is one, because that works before the first message. */
  get target() {
    return this.peer === undefined ? { conversation: this.id } : { to: this.peer };
  }

  get writable() {
    return this.kind === 'direct' || (this.kind === 'group' && !this.left && !this.dissolved);
  }

  /** What is shown: the newest entries, or those around an old one. */
  get part() {
    return this.around ?? this;
  }

  get low() {
    return Math.min(...this.part.entries.keys());
  }

  get high() {
    return Math.max(...this.part.entries.keys());
  }

  get shown() {
    return linesOf(this.part.entries);
  }

  get last() {
    return linesOf(this.entries).at(-1) ?? this.preview;
  }

  find(seq) {
    return this.entries.get(seq) ?? this.around?.entries.get(seq);
  }

  unread(me) {
    return this.#above(me, 'unread', () => true);
  }

  mentions(me) {
    return this.#above(me, 'mentions', ({ mentions, mentionAll }) => mentionAll || mentions?.includes(me));
  }

  takeCounts({ head, unread, mentions }) {
    this.counted = { unread, mentions };
    this.countedTo = head;
  }

  /** What the server counted is exact for its read mark, and an upper bound above a later one. */
  #above(me, name, counts) {
    const known = Math.min(this.counted[name], Math.max(0, this.countedTo - this.read));
    const from = Math.max(this.read, this.countedTo);
    const fresh = [...this.entries.values()].filter(
      (each) => each.seq > from && COUNTED.has(each.event) && each.from !== me && counts(each),
    );
    return known + fresh.length;
  }

  add(entry) {
    this.entries.set(entry.seq, entry);
    if (isShown(entry)) this.bare = false;
    if (entry.change === 'dissolved') this.dissolved = true;
    this.head = Math.max(this.head, entry.seq);
    this.time = Math.max(this.time, entry.time);
  }

  /** The SDK brings entries in their order, and none too few. */
  takeNext(entry, me) {
    if (!this.entries.has(entry.seq)) this.#apply(entry, me);
    this.add(entry);
    this.reached = Math.max(this.reached, entry.seq);
  }

  /** A page has messages as they are by now; what comes live changes those that are here. */
  #apply(entry, me) {
    const target = this.find(entry.targetSeq);
    const change = { revision: entry.seq };
    if (entry.event === 'group.changed') this.#groupChanged(entry, me);
    else if (!target || target.asOf >= entry.seq) return;
    else if (entry.event === 'chat.edited' && entry.content !== undefined)
      Object.assign(target, change, { content: entry.content, editedAt: entry.time });
    else if (entry.event === 'chat.recalled')
      Object.assign(target, change, { content: null, recalled: true, reactions: [], pinned: undefined });
    else if (entry.event === 'chat.pinned') Object.assign(target, change, { pinned: entry.active });
    else if (entry.event === 'chat.reaction')
      Object.assign(target, change, { reactions: reacted(target.reactions ?? [], entry, me) });
  }

  #groupChanged({ change, users = [], by, set }, me) {
    if (set?.name !== undefined) this.name = set.name;
    const aboutMe = users.includes(me) || (users.length === 0 && by === me);
    if (ENDED.has(change) && aboutMe) this.left = true;
    if (change === 'created' || (change === 'joined' && aboutMe)) this.left = false;
  }

  /** What is here and does not reach up to the page is dropped, and read again by who scrolls there. */
  takeNewest({ messages, head, more }) {
    const reachesUp = (messages[0]?.seq ?? 0) <= this.reached + 1;
    if (!reachesUp) this.entries.clear();
    for (const message of messages) this.add({ ...message, asOf: head });
    this.reached = Math.max(this.reached, head);
    this.head = Math.max(this.head, head);
    this.complete = !more || (this.complete && reachesUp);
    this.loaded = true;
  }

  takeOlder({ messages, head, more }) {
    for (const message of messages) this.part.entries.set(message.seq, { ...message, asOf: head });
    this.part.complete = !more;
  }

  /** A page that somebody jumped to; where it reaches up to the newest entries it is one with them. */
  takeAround(page) {
    const low = Math.min(...this.entries.keys());
    const reachesUp = page.messages.some(({ seq }) => seq >= low - 1);
    this.around = reachesUp ? undefined : { entries: new Map(), complete: false };
    this.takeOlder(page);
  }

  /** The page after those around an old message. */
  takeNewer({ messages, head, more }) {
    const { entries, complete } = this.around;
    for (const message of messages) entries.set(message.seq, { ...message, asOf: head });
    if (more && this.high < Math.min(...this.entries.keys()) - 1) return;
    this.around = undefined;
    this.complete = complete;
    for (const [seq, entry] of entries) if (!this.entries.has(seq)) this.entries.set(seq, entry);
  }

  toNewest() {
    this.around = undefined;
  }

  remove(seqs) {
    for (const seq of seqs) {
      this.entries.delete(seq);
      this.around?.entries.delete(seq);
      if (this.preview?.seq === seq) this.preview = undefined;
    }
  }

  /** `sending` is not for here: what is in the outbox has no number yet. */
  statusOf(entry) {
    if (this.kind !== 'direct') return 'sent';
    if (entry.seq <= this.peerRead) return 'read';
    return entry.seq <= this.peerDelivered ? 'delivered' : 'sent';
  }
}

/** Whether an entry is a line of its own; others change lines that are there. */
export const isShown = ({ event, withdrawn }) => SHOWN.has(event) && !withdrawn;

const linesOf = (entries) => [...entries.values()].filter(isShown).sort((a, b) => a.seq - b.seq);

function reacted(reactions, { emoji, active, from }, me) {
  const before = reactions.find((each) => each.emoji === emoji) ?? { emoji, count: 0, mine: false };
  if (from === me && before.mine === active) return reactions;
  const after = { emoji, count: before.count + (active ? 1 : -1), mine: from === me ? active : before.mine };
  const kept = reactions.map((each) => (each === before ? after : each));
  return (reactions.includes(before) ? kept : [...reactions, after]).filter(({ count }) => count > 0);
}
