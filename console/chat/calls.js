import { openMedia, stopMedia } from './media.js';
import { PeerLink } from './peer-link.js';
import { ErrorCode } from './rookery-client.js';

/** Milliseconds in which how a call ended stays on the screen. */
const ENDING_SHOWN = 4000;

const ENDINGS = {
  busy: 'In another call',
  cancelled: 'Missed call',
  hangup: 'Call ended',
  lost: 'The connection was lost',
  rejected: 'Declined',
  taken: 'Answered on another device',
  timeout: 'No answer',
};

/** How a call went, as a reason to end it. */
const REASONS = { answered: 'hangup', missed: 'timeout', rejected: 'rejected', cancelled: 'cancelled' };

/**
 * The call of this tab, `store.call`: `{id, peer, media, caller, state, since, stream, remote, note}`. `state` is
 * `asking` (for the microphone), `calling`, `ringing`, `incoming`, `connecting`, `active` or `ended`.
 */
export class Calls {
  /** The last ringing that came, also while this tab was calling somebody itself. */
  #rung;

  /** `iceServers`: as RTCPeerConnection takes them. */
  constructor({ client, store, iceServers }) {
    Object.assign(this, { client, store, iceServers });
  }

  /** Until `signal` is aborted. */
  listen(signal) {
    const { client, store } = this;
    const events = {
      'call.ringing': (call) => this.#enter(call, 'ringing'),
      'call.answered': (call, { payload }) => this.#answered(call, payload),
      'call.taken': (call) => this.#end(call, 'taken'),
      'call.ended': (call, { reason }) => this.#end(call, reason),
      // The same as an entry: the event before it may be lost.
      'chat.call': (call, { outcome }) => this.#end(call, REASONS[outcome]),
    };
    for (const [name, act] of Object.entries(events))
      client.on(name, (data) => {
        if (store.call?.id === data.call && store.call.state !== 'ended') act(store.call, data);
      });
    client.on('call.incoming', (data) => this.#incoming(data));
    client.on('call.candidate', (data) => this.#candidate(data));
    client.on('stateChange', ({ state }) => state === 'connected' && void this.#resume());
    addEventListener('pagehide', () => this.hangUp(), { signal });
  }

  async start(peer, media) {
    if (this.#busy) return;
    const call = this.#begin({ peer, media, caller: true, state: 'asking' });
    await this.#attempt(call, async () => {
      if (!(await this.#open(call, media))) return;
      const link = this.#link(call);
      const payload = { description: await link.offer() };
      const { call: id, state } = await this.client.call('call.offer', { to: peer, media, payload });
      if (call.state === 'ended') return this.#tell('call.hangup', { call: id });
      call.id = id;
      if (state === 'busy') return this.#end(call, 'busy');
      if (state === 'incoming') return this.#meet(call);
      this.#enter(call, 'calling');
      link.open();
    });
  }

  /** `media`: `audio` answers without a picture. */
  async answer(media) {
    const { call } = this.store;
    if (call?.state !== 'incoming') return;
    this.#enter(call, 'asking');
    await this.#attempt(call, async () => {
      if (await this.#open(call, media)) await this.#accept(call);
    });
  }

  /** Ends the call, declines it, or gives up. */
  hangUp() {
    const { call } = this.store;
    if (!this.#busy) return;
    const declined = call.state === 'incoming';
    if (call.id) this.#tell(declined ? 'call.reject' : 'call.hangup', { call: call.id });
    this.#end(call, declined ? 'rejected' : 'hangup');
  }

  /** Stops or goes on sending sound (`audio`) or picture (`video`). */
  toggle(kind) {
    const { call } = this.store;
    for (const track of call?.stream?.getTracks() ?? [])
      if (track.kind === kind) track.enabled = !track.enabled;
    this.store.changed();
  }

  get #busy() {
    const { call } = this.store;
    return call !== undefined && call.state !== 'ended';
  }

  #begin(call) {
    this.store.call = call;
    this.store.changed();
    return call;
  }

  #enter(call, state) {
    if (call.state === 'ended') return;
    call.state = state;
    this.store.changed();
  }

  /** False: the call has ended in the meantime. */
  async #open(call, media) {
    const stream = await openMedia(media);
    if (call.state === 'ended') stopMedia(stream);
    else call.stream = stream;
    return call.state !== 'ended';
  }

  #link(call) {
    call.link?.close();
    const link = new PeerLink({
      iceServers: this.iceServers,
      stream: call.stream,
      caller: call.caller,
      send: (payload) => this.#tell('call.candidate', { call: call.id, payload }),
      changed: () => call.link === link && this.#moved(call),
    });
    call.link = link;
    return link;
  }

  #moved(call) {
    call.remote = call.link.remote;
    if (call.link.state === 'connected') {
      call.since ??= Date.now();
      this.#enter(call, 'active');
    } else if (call.since) this.#enter(call, 'connecting');
    this.store.changed();
  }

  #incoming({ call: id, from, media, payload }) {
    const heard = this.#rung?.id === id ? this.#rung.heard : [];
    this.#rung = { id, payload, heard };
    if (this.#busy) return;
    this.#begin({ id, peer: from, media, caller: false, state: 'incoming' });
    this.#tell('call.ringing', { call: id });
  }

  /** Both have called each other: this tab takes the call of the other one, who was first. */
  async #meet(call) {
    call.caller = false;
    await this.#accept(call);
  }

  async #accept(call) {
    const { id, payload, heard } = this.#rung ?? {};
    if (id !== call.id) return this.#end(call, 'lost');
    const link = this.#link(call);
    const description = await link.accept(payload?.description);
    await this.client.call('call.answer', { call: id, payload: { description } });
    this.#enter(call, 'connecting');
    link.open();
    for (const candidate of heard) await link.take(candidate);
  }

  #answered(call, payload) {
    this.#enter(call, 'connecting');
    void this.#attempt(call, () => call.link.take(payload));
  }

  /** Candidates of the caller come while it rings, before there is a link. */
  #candidate({ call: id, payload }) {
    const { call } = this.store;
    if (call?.id === id && call.link) void call.link.take(payload).catch(() => undefined);
    else if (this.#rung?.id === id) this.#rung.heard.push(payload);
  }

  /** This connection takes the place of the one that was lost. */
  async #resume() {
    const { call } = this.store;
    if (!this.#busy || !call.id) return;
    await this.#attempt(call, async () => {
      // Rejected with `not_found` when it has stopped ringing in the meantime.
      if (!call.link) return this.client.call('call.ringing', { call: call.id });
      const { state } = await this.client.call('call.resume', { call: call.id });
      if (state === 'active' && call.link.state !== 'connected') await call.link.restart();
    });
  }

  async #attempt(call, act) {
    try {
      await act();
    } catch (error) {
      this.#failed(call, error);
    }
  }

  #failed(call, { code, message }) {
    if (call.state === 'ended') return;
    if (call.id && code !== ErrorCode.NotFound && code !== ErrorCode.Conflict)
      this.#tell(call.caller || call.link ? 'call.hangup' : 'call.reject', { call: call.id });
    const over = code === ErrorCode.NotFound ? ENDINGS.hangup : message;
    this.#end(call, code === ErrorCode.Conflict && !call.caller ? 'taken' : undefined, over);
  }

  #end(call, reason, note = noteOf(call, reason)) {
    if (call.state === 'ended') return;
    Object.assign(call, { state: 'ended', note, remote: undefined });
    stopMedia(call.stream);
    call.link?.close();
    this.store.changed();
    setTimeout(() => {
      if (this.store.call !== call) return;
      this.store.call = undefined;
      this.store.changed();
    }, ENDING_SHOWN);
  }

  #tell(type, data) {
    void this.client.call(type, data).catch(() => undefined);
  }
}

/** Who was called has missed what nobody answered. */
function noteOf({ caller }, reason) {
  if (reason === 'timeout' && !caller) return ENDINGS.cancelled;
  return ENDINGS[reason] ?? ENDINGS.hangup;
}
