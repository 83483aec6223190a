import { backOff, shouldReconnect } from './reconnect.js';
import { expiryOf } from './session.js';

const SUBPROTOCOL = 'rookery.v1';
/** Online for this long, the next failure starts the back-off anew. */
const STABLE = 5000;
/** Without any frame for the heartbeat interval we ask; without an answer in this time the line is dead. */
const ANSWER_TIME = 10_000;
const CONNECT_TIME = 15_000;

/** The socket went away before the answer came. */
export class ConnectionLost extends Error {}

/**
 * A connection that comes back. Dispatches `state` (`connecting`, `online`, `waiting` with `retryAt`, `stopped` with
 * `code` and `reason`) and `frame` for every event of the server, the `hello` first.
 */
export class Connection extends EventTarget {
  state = { name: 'connecting' };
  hello;

  #socket;
  #attempt = 0;
  #atLeast = 0;
  #timers = new Set();
  #pending = new Map();
  #nextId = 1;
  #lastFrame = 0;
  #stopped = false;

  /** `renew` fetches a new token for the session; it may throw an Error with `refused: true`. */
  constructor({ url, session, renew }) {
    super();
    this.url = url;
    this.session = session;
    this.renew = renew;
    this.onOnline = () => this.state.name === 'waiting' && this.#open();
    this.onOffline = () => this.#socket && this.#lost(1006, '');
    addEventListener('online', this.onOnline);
    addEventListener('offline', this.onOffline);
  }

  start() {
    void this.#open();
  }

  stop() {
    this.#stopped = true;
    removeEventListener('online', this.onOnline);
    removeEventListener('offline', this.onOffline);
    this.#drop();
  }

  get online() {
    return this.state.name === 'online';
  }

  /** The largest frame that the server takes, in bytes. */
  get maxFrame() {
    return this.hello?.limits.maxMessageSize ?? 65_536;
  }

  /** Resolves with the reply's data; rejects with the server's error data, or with ConnectionLost. */
  request(type, data) {
    if (!this.online) return Promise.reject(new ConnectionLost());
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#write({ type, id, data });
    });
  }

  /** For what may be lost, and is answered only when it fails. */
  tell(type, data) {
    if (this.online) this.#write({ type, data });
  }

  #write(frame) {
    this.#socket.send(JSON.stringify(frame));
  }

  async #open() {
    this.#drop();
    this.#set({ name: 'connecting' });
    if (!(await this.#freshToken()) || this.#stopped) return;
    this.#drop();
    const { token, device } = this.session;
    const query = new URLSearchParams({ device, platform: 'web' });
    const socket = new WebSocket(`${this.url}?${query}`, [SUBPROTOCOL, `bearer.${token}`]);
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(data));
    socket.onclose = ({ code, reason }) => this.#lost(code, reason);
    this.#after(CONNECT_TIME, () => this.online || this.#lost(1006, ''));
  }

  /** A refused handshake looks like a lost network from here: after two in a row the token is suspected. */
  async #freshToken() {
    if (this.#attempt < 2 && expiryOf(this.session.token) > Date.now() + STABLE) return true;
    try {
      this.session = await this.renew();
    } catch (error) {
      if (error.refused) this.#set({ name: 'stopped', code: 4500, reason: error.message });
      else this.#lost(1006, '');
      return false;
    }
    return true;
  }

  #receive(frame) {
    this.#lastFrame = Date.now();
    const waiting = this.#pending.get(frame.id);
    if (waiting) {
      this.#pending.delete(frame.id);
      return frame.type === 'error' ? waiting.reject(frame.data) : waiting.resolve(frame.data);
    }
    if (frame.type === 'hello') this.#greeted(frame.data);
    if (frame.type === 'goaway') this.#atLeast = frame.data.retryAfter * 1000;
    if (frame.type === 'auth.expiring') void this.#renewOnline();
    this.dispatchEvent(new CustomEvent('frame', { detail: frame }));
  }

  #greeted(hello) {
    this.hello = hello;
    this.#atLeast = 0;
    this.#set({ name: 'online' });
    this.#after(STABLE, () => (this.#attempt = 0));
    this.#watch(hello.heartbeat.interval * 1000);
  }

  async #renewOnline() {
    try {
      this.session = await this.renew();
      await this.request('auth', { token: this.session.token });
    } catch {
      // The server closes with 4002 when the old one ends, and coming back brings a new one.
    }
  }

  #watch(interval) {
    this.#after(interval, () => {
      const asked = Date.now();
      if (asked - this.#lastFrame >= interval) {
        void this.request('ping').catch(() => undefined);
        this.#after(ANSWER_TIME, () => this.#lastFrame < asked && this.#lost(1006, ''));
      }
      this.#watch(interval);
    });
  }

  #lost(code, reason) {
    this.#drop();
    if (!shouldReconnect(code)) return this.#set({ name: 'stopped', code, reason });
    if (code === 4003) this.#atLeast = 5000;
    const wait = backOff(this.#attempt++, this.#atLeast);
    this.#set({ name: 'waiting', retryAt: Date.now() + wait });
    this.#after(wait, () => this.#open());
  }

  #drop() {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket) {
      socket.onmessage = socket.onclose = null;
      socket.close();
    }
    for (const { reject } of this.#pending.values()) reject(new ConnectionLost());
    this.#pending.clear();
  }

  #after(milliseconds, action) {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, milliseconds);
    this.#timers.add(timer);
  }

  #set(state) {
    this.state = state;
    this.dispatchEvent(new CustomEvent('state', { detail: state }));
  }
}
