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
  /** The newest page has been read. */
  loaded = false;
  /** Nothing exists before what is here. */
  complete = false;
  preview;
  typingUntil = 0;
  draft = '';

  constructor(key) {
    this.key = key;
  }

  /** How a command names it: by the other person, where there is one, because that works before the first message. */
  get target() {
    return this.peer === undefined ? { conversation: this.id } : { to: this.peer };
  }

  get writable() {
    return this.kind === 'direct' || this.kind === 'group';
  }

  get low() {
    return Math.min(...this.entries.keys());
  }

  get shown() {
    return [...this.entries.values()].sort((a, b) => a.seq - b.seq);
  }

  get last() {
    return this.shown.at(-1) ?? this.preview;
  }

  unread(me) {
    let count = 0;
    for (let seq = this.head; seq > this.read && count < 100; seq--)
      if (this.entries.get(seq)?.from !== me) count++;
    return count;
  }

  add(entry) {
    this.entries.set(entry.seq, entry);
    this.head = Math.max(this.head, entry.seq);
    this.time = Math.max(this.time, entry.time);
  }

  /** The SDK brings entries in their order, and none too few. */
  takeNext(entry) {
    this.add(entry);
    this.reached = Math.max(this.reached, entry.seq);
  }

  /** What is here and does not reach up to the page is dropped, and read again by who scrolls there. */
  takeNewest({ messages, head, more }) {
    const reachesUp = (messages[0]?.seq ?? 0) <= this.reached + 1;
    if (!reachesUp) this.entries.clear();
    for (const message of messages) this.add(message);
    this.reached = Math.max(this.reached, head);
    this.head = Math.max(this.head, head);
    this.complete = !more || (this.complete && reachesUp);
    this.loaded = true;
  }

  takeOlder({ messages, more }) {
    for (const message of messages) this.add(message);
    this.complete = !more;
  }

  /** `sending` is not for here: what is in the outbox has no number yet. */
  statusOf(entry) {
    if (this.kind !== 'direct') return 'sent';
    if (entry.seq <= this.peerRead) return 'read';
    return entry.seq <= this.peerDelivered ? 'delivered' : 'sent';
  }
}
