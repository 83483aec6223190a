import { WebSocket } from 'ws';
import {
  RookeryClient,
  RookeryError,
  StateCode,
  type ChatMessage,
  type MessageDraft,
  type NotificationMessage,
  type WebSocketConstructor,
} from '@rookery/client';
import { tokenFor } from '../generators/token.js';
import { ClientLog, digestOf } from './client-log.js';
import { DeviceDisk } from './crash-storage.js';

export interface SoakClientOptions {
  url: string;
  user: string;
  device: string;
  log: ClientLog;
  /** Seconds that a token lives: each connect and each renewal brings another. */
  tokenLife: () => number;
  tally: (what: string) => void;
}

/** A device with the SDK, whose application logs all that it is given. It survives what the chaos does to it. */
export class SoakClient {
  /** The last entry of each conversation that the application was given. */
  readonly have = new Map<string, number>();
  private readonly disk = new DeviceDisk();
  private client!: RookeryClient;
  private socket?: WebSocket;
  private detach: () => void = () => undefined;
  private wanted = false;
  private counter = 0;

  constructor(private readonly options: SoakClientOptions) {
    this.begin('first');
  }

  get name(): string {
    return `${this.options.user}/${this.options.device}`;
  }

  get user(): string {
    return this.options.user;
  }

  get log(): ClientLog {
    return this.options.log;
  }

  get sdk(): RookeryClient {
    return this.client;
  }

  get isConnected(): boolean {
    return this.client.state === 'connected';
  }

  connect(): void {
    this.wanted = true;
    this.client.connect();
  }

  disconnect(): void {
    this.wanted = false;
    this.client.disconnect();
  }

  /** The line dies without a word. */
  cut(): void {
    this.socket?.terminate();
  }

  /** Nothing is read any more, and pings are not answered, until the function given back is called. */
  freeze(): () => void {
    const { socket } = this;
    if (socket?.readyState !== WebSocket.OPEN) return () => undefined;
    socket.pause();
    return () => socket.resume();
  }

  /** The process ends in good order and starts again with what its storage holds. */
  restart(): void {
    this.client.disconnect();
    this.begin('restart');
    if (this.wanted) this.client.connect();
  }

  /** The process dies between two instructions, and starts again with what its storage holds. */
  crash(): void {
    this.detach();
    this.cut();
    this.client.disconnect();
    this.begin('crash');
    if (this.wanted) this.client.connect();
  }

  async send(to: string, draft: MessageDraft): Promise<void> {
    const { log, user, device, tally } = this.options;
    const clientId = `${user}.${device}.${++this.counter}`;
    log.add({ kind: 'sent', sender: user, clientId, digest: digestOf(draft.content) });
    try {
      const { conversation, seq, id } = await this.client.send({ to }, draft, { clientId });
      log.add({ kind: 'ack', conversation, seq, id, clientId });
      tally('acknowledged');
    } catch (error) {
      const code = error instanceof RookeryError ? error.code : String(error);
      log.add({ kind: 'refused', clientId, code });
      tally(`send refused: ${code}`);
    }
  }

  /** Brings everything that is missing, also what came to other devices only. */
  async catchUp(): Promise<void> {
    await this.client.ready();
    for await (const page of this.client.sync()) void page;
  }

  private begin(how: 'first' | 'restart' | 'crash'): void {
    const { log, device } = this.options;
    log.add({ kind: 'life', how, positions: this.disk.positions(device) });
    const { storage, detach } = this.disk.view();
    let alive = true;
    this.detach = () => {
      alive = false;
      detach();
    };
    const client = this.makeClient(storage);
    this.client = client;
    const isMine = (): boolean => alive && this.client === client;
    client.on('message', (message) => void (isMine() && this.given(message)));
    client.on('notification', (notification) => void (isMine() && this.given(notification)));
    client.on('receipt', () => this.options.tally('receipts'));
    client.on('typing', () => this.options.tally('typing'));
    client.on('error', ({ code }) => this.options.tally(`error ${code}`));
    client.on('stateChange', ({ state, code }) => {
      if (code > StateCode.Greeted) this.options.tally(`close ${code}`);
      if (state === 'disconnected' && this.wanted && isMine()) setTimeout(() => this.comeBack(client), 2000);
    });
  }

  private makeClient(storage: ConstructorParameters<typeof RookeryClient>[1]['storage']): RookeryClient {
    const { url, user, device, tokenLife } = this.options;
    const keep = (socket: WebSocket): void => void (this.socket = socket);
    class KeptSocket extends WebSocket {
      constructor(address: string, protocols?: string[]) {
        super(address, protocols, { perMessageDeflate: false });
        keep(this);
      }
    }
    return new RookeryClient(url, {
      token: async () => tokenFor(user, { exp: Math.floor(Date.now() / 1000) + tokenLife() }),
      device,
      storage,
      webSocket: KeptSocket as unknown as WebSocketConstructor,
      minReconnectionDelay: 200,
      maxReconnectionDelay: 5000,
    });
  }

  /** After a close that the SDK does not come back from by itself, as when a person signs in again. */
  private comeBack(client: RookeryClient): void {
    if (this.wanted && this.client === client) client.connect();
  }

  private given({ conversation, seq, id, content }: ChatMessage | NotificationMessage): void {
    if (conversation === undefined || seq === undefined || id === undefined) return;
    this.options.tally('events');
    this.log.add({ kind: 'event', conversation, seq, id, digest: digestOf(content) });
    this.have.set(conversation, Math.max(seq, this.have.get(conversation) ?? 0));
  }
}
