import type { CommandName, Commands, Frame, Hello } from '@rookery/protocol';
import { isAboutToken, mayComeBack, retryAfterOf } from './after-end.js';
import { backOff } from './back-off.js';
import { onBrowserChange } from './browser-events.js';
import type { Settings } from './client-options.js';
import { Link, type LinkEnd } from './link.js';
import { ClientErrorCode, RookeryError, connectionLost, fromErrorData } from './rookery-error.js';
import { StateCode, type State, type StateChange } from './state.js';
import { TokenHolder } from './token-holder.js';
import { Waiters } from './waiters.js';
import { webSocketOf } from './web-socket.js';

export interface ConnectionHandlers {
  /** Awaited before the first attempt: what has to be read back first. */
  prepare(): Promise<void>;
  onState(change: StateChange): void;
  onHello(hello: Hello): void;
  onLost(): void;
  /** The page may be gone in a moment. */
  onLeaving(): void;
  onFrame(frame: Frame): void;
  onError(error: RookeryError): void;
}

/** A connection that comes back, until somebody or the server says that it should not. */
export class Connection {
  state: State = 'disconnected';

  readonly tokens: TokenHolder;
  private link?: Link;
  private failures = 0;
  private prepared?: Promise<void>;
  /** Counts attempts and ends, so that what belongs to an older one is dropped. */
  private turn = 0;
  private stopTimer: () => void = () => undefined;
  private stopListening: () => void = () => undefined;
  private readonly waiters = new Waiters();

  constructor(
    private readonly url: string,
    private readonly settings: Settings,
    private readonly handlers: ConnectionHandlers,
  ) {
    this.tokens = new TokenHolder(settings.token);
    webSocketOf(settings.webSocket);
  }

  get hello(): Hello | undefined {
    return this.state === 'connected' ? this.link?.hello : undefined;
  }

  connect(): void {
    if (this.state !== 'disconnected') return;
    this.failures = 0;
    const { turn } = this;
    this.enter('connecting', StateCode.ConnectCalled, 'connect called');
    if (turn !== this.turn) return;
    this.stopListening = onBrowserChange({
      onOnline: () => this.retryNow(),
      onOffline: () => this.link?.give(StateCode.Offline, 'the network is gone'),
      onLeaving: () => this.handlers.onLeaving(),
    });
    void this.open();
  }

  disconnect(code: number = StateCode.DisconnectCalled, reason = 'disconnect called'): void {
    if (this.state === 'disconnected') return;
    this.stopListening();
    this.drop();
    this.enter('disconnected', code, reason);
    this.waiters.reject(new RookeryError(ClientErrorCode.Disconnected, `Disconnected: ${reason || code}`));
  }

  /** Resolves when connected; rejects with `disconnected` when that will not happen by itself. */
  ready(): Promise<void> {
    if (this.state === 'connected') return Promise.resolve();
    if (this.state === 'disconnected')
      return Promise.reject(
        new RookeryError(ClientErrorCode.Disconnected, 'Not connected: call connect() first'),
      );
    return this.waiters.add();
  }

  async request<Name extends CommandName>(
    type: Name,
    data: Commands[Name]['data'],
    onReply?: (data: Commands[Name]['reply']) => void,
  ): Promise<Commands[Name]['reply']> {
    if (!this.link || this.state !== 'connected') throw connectionLost();
    return this.link.request(type, data, onReply);
  }

  /** For what may be lost; false: there is no connection, and it is. */
  tell<Name extends CommandName>(type: Name, data: Commands[Name]['data']): boolean {
    if (!this.link || this.state !== 'connected') return false;
    this.link.tell(type, data);
    return true;
  }

  private async open(): Promise<void> {
    const turn = ++this.turn;
    await (this.prepared ??= this.handlers.prepare());
    const token = await this.tokens.current().catch((error: RookeryError) => error);
    if (turn !== this.turn) return;
    if (token instanceof RookeryError) return this.tokenFailed(token);
    this.link = this.linkWith(token);
  }

  private linkWith(token: string): Link {
    const { clock, connectionTimeout, commandTimeout, webSocket } = this.settings;
    return new Link(
      {
        url: this.address(),
        webSocket: webSocketOf(webSocket),
        token,
        clock,
        connectionTimeout,
        commandTimeout,
      },
      {
        onHello: (hello) => this.greeted(hello),
        onFrame: (frame) => this.received(frame),
        onEnd: (end) => this.ended(end),
      },
    );
  }

  private address(): string {
    const { device, platform } = this.settings;
    const url = new URL(this.url);
    if (device !== undefined) url.searchParams.set('device', device);
    if (platform !== undefined) url.searchParams.set('platform', platform);
    return url.href;
  }

  private greeted(hello: Hello): void {
    this.tokens.accepted();
    this.stopTimer = this.settings.clock.after(this.settings.minUptime, () => (this.failures = 0));
    this.enter('connected', StateCode.Greeted, 'hello received');
    // Whoever hears that may have called disconnect().
    if (!this.hello) return;
    this.waiters.resolve();
    this.handlers.onHello(hello);
  }

  private received(frame: Frame): void {
    if (frame.type === 'auth.expiring') void this.renew();
    this.handlers.onFrame(frame);
  }

  /** When this fails, the server closes with 4002 as the old token ends, and coming back brings a new one. */
  private async renew(): Promise<void> {
    if (!this.tokens.renewable) return;
    const { turn } = this;
    try {
      const token = await this.tokens.renew();
      if (turn === this.turn) await this.request('auth', { token });
      this.tokens.accepted();
    } catch (error) {
      this.tokens.forget();
      if (turn === this.turn) this.handlers.onError(error as RookeryError);
    }
  }

  private tokenFailed(error: RookeryError): void {
    this.handlers.onError(error);
    if (!error.retryable) return this.disconnect(StateCode.TokenRefused, error.message);
    this.comeBack({ code: StateCode.TokenUnavailable, reason: error.message, retryAfter: error.retryAfter });
  }

  private ended(end: LinkEnd): void {
    const { code, reason, refusal } = end;
    const back = mayComeBack(end, this.tokens.replaceable);
    this.drop();
    if (isAboutToken(end)) this.tokens.forget();
    if (refusal) this.handlers.onError(fromErrorData(refusal));
    if (back) this.comeBack(end);
    else this.disconnect(code, reason);
  }

  private comeBack(end: LinkEnd): void {
    const { code, reason } = end;
    if (this.state === 'disconnected') return;
    if (this.failures >= this.settings.maxRetries)
      return this.disconnect(StateCode.RetriesExhausted, reason || `closed with ${code}`);
    const { clock } = this.settings;
    const delay = backOff(this.failures++, this.settings, clock, retryAfterOf(end) * 1000);
    const { turn } = this;
    if (this.state === 'connected') this.enter('connecting', code, reason);
    else this.handlers.onError(attemptFailed(code, reason, delay));
    if (turn === this.turn) this.stopTimer = clock.after(delay, () => void this.open());
  }

  private retryNow(): void {
    if (this.state !== 'connecting' || this.link) return;
    this.stopTimer();
    void this.open();
  }

  private drop(): void {
    this.turn++;
    this.stopTimer();
    const { link } = this;
    this.link = undefined;
    link?.close();
    if (this.state === 'connected') this.handlers.onLost();
  }

  private enter(state: State, code: number, reason: string): void {
    this.state = state;
    this.handlers.onState({ state, code, reason });
  }
}

function attemptFailed(code: number, reason: string, delay: number): RookeryError {
  const message = `Could not connect: ${reason || `closed with ${code}`}`;
  return new RookeryError(ClientErrorCode.ConnectionLost, message, {
    retryable: true,
    retryAfter: delay / 1000,
  });
}
