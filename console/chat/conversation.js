/** One conversation as this tab knows it: entries by sequence number, cursors, and where its knowledge has holes. */
export class Conversation {
  id;
  kind = 'direct';
  peer;
  head = 0;
  read = 0;
  peerDelivered = 0;
  peerRead = 0;
  time = 0;
  /** Sequence number → entry; null where the journal holds something that is not shown. */
  entries = new Map();
  /** The newest page has been read: the entries from `low` to `head` are here, or are being fetched. */
  loaded = false;
  /** Nothing exists before `low`. */
  complete = false;
  preview;
  typingUntil = 0;
  draft = '';
  /** The last sequence number that the server has been told is on this device, and that it confirmed. */
  deliveredSent = 0;
  readSent = 0;

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
    return this.loaded ? Math.min(...this.entries.keys(), this.head + 1) : this.read + 1;
  }

  /** The first sequence number that is missing; undefined: there is no hole. */
  get hole() {
    for (let seq = this.low; seq <= this.head; seq++) if (!this.entries.has(seq)) return seq;
    return undefined;
  }

  /** Everything up to here is on this device, or was read already. */
  get contiguous() {
    const { hole } = this;
    return hole === undefined ? this.head : hole - 1;
  }

  get shown() {
    return [...this.entries.values()].filter(Boolean).sort((a, b) => a.seq - b.seq);
  }

  get last() {
    return this.shown.at(-1) ?? this.preview;
  }

  unread(me) {
    let count = 0;
    for (let seq = this.head; seq > this.read && count < 100; seq--) {
      const entry = this.entries.get(seq);
      if (entry !== null && entry?.from !== me) count++;
    }
    return count;
  }

  /** Takes an entry in; false: it was here already. */
  add(entry) {
    const isNew = !this.entries.get(entry.seq);
    if (isNew) this.entries.set(entry.seq, entry);
    this.head = Math.max(this.head, entry.seq);
    this.time = Math.max(this.time, entry.time);
    return isNew;
  }

  /** Takes an answer of `chat.history` in: what it skipped between its bounds is not to be asked for again. */
  addPage(from, to, messages) {
    for (let seq = from; seq <= to; seq++) if (!this.entries.has(seq)) this.entries.set(seq, null);
    for (const message of messages) this.add(message);
  }

  /** `sending` is not for here: what is in the outbox has no number yet. */
  statusOf(entry) {
    if (this.kind !== 'direct') return 'sent';
    if (entry.seq <= this.peerRead) return 'read';
    return entry.seq <= this.peerDelivered ? 'delivered' : 'sent';
  }
}
