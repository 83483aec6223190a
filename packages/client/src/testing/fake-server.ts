import {
  CloseCode,
  type CommandName,
  type Commands,
  type ErrorData,
  type EventName,
  type Events,
  type Frame,
  type Presence,
} from '@rookery/protocol';
import type { WebSocketConstructor } from '../web-socket.js';
import { FakeJournal } from './fake-journal.js';
import { socketClassOf, type FakePeer, type FakeSocket } from './fake-socket.js';

type Refusal = Pick<ErrorData, 'code'> & Partial<ErrorData>;
type Data<Name extends CommandName> = Commands[Name]['data'];

interface Client {
  socket: FakeSocket;
  user: string;
  device: string;
}

/**
 * A server at the level of the protocol, inside the process of the test. It exists because a real one cannot be told
 * to lose exactly the third acknowledgement, or to stop its clock: a client has to be right in moments that a real
 * server has once a year. It is no second implementation; the e2e tests hold the client against the real one.
 *
 * To extend it: a new command is one more case in `answer`; a new misbehaviour is one more hook beside `refuse`,
 * `losesReply` and `copiesOf`, asked at the one place where the frame passes. Nothing here waits, and nothing is left
 * to chance: what happens when, or at random, is up to the test. A token is `<user>` or `<user>.<anything>`.
 */
export class FakeServer implements FakePeer {
  /** For the client, as its option `webSocket`. */
  readonly webSocket: WebSocketConstructor = socketClassOf(this);
  readonly journal = new FakeJournal();
  /** Every command received, in order. */
  readonly received: Frame[] = [];
  /** Every socket that was made. */
  readonly sockets: FakeSocket[] = [];
  /** Handshakes so far, failed ones too. */
  handshakes = 0;
  /** False: handshakes fail, as where nobody listens. */
  up = true;
  /** False: nothing that arrives is heard, and nothing is written. */
  alive = true;
  /** True: the backlog waits for {@link releaseBacklog}, and replies overtake it. */
  holdsBacklog = false;
  /** True: what is written waits for {@link releaseChunk}. */
  holdsChunk = false;
  /** What the hello says differently. */
  hello: Partial<Events['hello']> = {};

  /** A refusal for a command, in place of what it would do. */
  refuse: (command: Frame) => Refusal | undefined = () => undefined;
  /** Whether the reply to a command, which has been carried out, gets lost. */
  losesReply: (command: Frame) => boolean = () => false;
  /** How often a pushed entry arrives: 0 loses it, 2 doubles it. */
  copiesOf: (event: Frame) => number = () => 1;

  private readonly held: Client[] = [];
  private readonly chunk: { socket: FakeSocket; frame: Frame }[] = [];
  private readonly clients = new Map<FakeSocket, Client>();

  get connected(): number {
    return this.clients.size;
  }

  /** Data of the commands of this name so far. */
  dataOf<Name extends CommandName>(name: Name): Data<Name>[] {
    return this.received.filter(({ type }) => type === name).map(({ data }) => data as Data<Name>);
  }

  /** Ends every connection; 1006 is what a crash looks like. */
  dropAll(code = 1006, reason = ''): void {
    for (const { socket } of this.clients.values()) socket.drop(code, reason);
  }

  /** Somebody else sends a message. */
  say(from: string, to: string, content: string): void {
    const { message } = this.journal.append(from, { to, kind: 'text', content });
    this.fanOut({ type: 'chat.message', data: message });
  }

  /** An event for everybody who is connected. */
  push<Name extends EventName>(type: Name, data: Events[Name]): void {
    for (const { socket } of this.clients.values()) this.write(socket, { type, data });
  }

  /** Brings what was held. */
  releaseBacklog(): void {
    for (const client of this.held.splice(0)) this.bringBacklog(client);
  }

  /** Delivers what was held, to each socket in one turn. */
  releaseChunk(): void {
    this.holdsChunk = false;
    const chunk = this.chunk.splice(0);
    for (const each of new Set(chunk.map(({ socket }) => socket)))
      each.deliver(...chunk.filter(({ socket }) => socket === each).map(({ frame }) => frame));
  }

  opened(socket: FakeSocket): boolean {
    this.handshakes++;
    this.sockets.push(socket);
    return this.up;
  }

  closed(socket: FakeSocket): void {
    this.clients.delete(socket);
  }

  receive(socket: FakeSocket, command: Frame): void {
    if (!this.alive) return;
    this.received.push(command);
    const refusal = this.refuse(command);
    if (refusal) return this.refuseWith(socket, command, refusal);
    if (command.type === 'auth' && !this.clients.has(socket)) return this.greet(socket, command);
    const client = this.clients.get(socket);
    if (!client) return;
    const data = this.answer(client, command);
    if ((command.id === undefined && data === null) || this.losesReply(command)) return;
    this.write(socket, { type: command.type === 'ping' ? 'pong' : 'ok', ...idOf(command), data });
  }

  private greet(socket: FakeSocket, command: Frame): void {
    const user = (command.data as Data<'auth'>).token.split('.')[0] ?? '';
    const device = socket.url.searchParams.get('device') ?? `unnamed-${this.handshakes}`;
    const client = { socket, user, device };
    this.clients.set(socket, client);
    this.write(socket, { type: 'hello', data: this.helloFor(client) });
    this.write(socket, { type: 'ok', ...idOf(command), data: { user, expiresAt: null } });
    if (this.holdsBacklog) this.held.push(client);
    else this.bringBacklog(client);
  }

  private bringBacklog({ socket, user, device }: Client): void {
    const backlog = this.journal.backlog(user, device);
    for (const { event, ...data } of backlog) this.writeEntry(socket, { type: event, data });
    this.write(socket, { type: 'chat.synced', data: { messages: backlog.length } });
  }

  private helloFor({ user, device }: Client): Events['hello'] {
    return {
      protocol: 1,
      user,
      device,
      connection: String(this.handshakes),
      sync: 'push',
      serverTime: 0,
      expiresAt: null,
      heartbeat: { interval: 30, timeout: 60 },
      limits: { maxMessageSize: 65_536, maxDepth: 16, commandsPerSecond: 1000 },
      ...this.hello,
    };
  }

  private answer(client: Client, { type, data }: Frame): unknown {
    const { user, device } = client;
    if (type === 'auth') return { user, expiresAt: null };
    if (type === 'ping') return { time: 0 };
    if (type === 'chat.send') return this.send(client, data as Data<'chat.send'>);
    if (type === 'chat.react') return this.react(client, data as Data<'chat.react'>);
    if (type === 'presence.subscribe')
      return { users: (data as Data<'presence.subscribe'>).users.map(online) };
    if (type === 'presence.watch')
      return { group: (data as Data<'presence.watch'>).group, online: 1, users: [online('ben')] };
    if (type === 'chat.history') return this.journal.history(user, data as Data<'chat.history'>);
    if (type === 'chat.sync') return this.journal.sync(user, data as Data<'chat.sync'>);
    if (type === 'chat.delivered') this.journal.mark(`${user} ${device}`, data as Data<'chat.delivered'>);
    if (type === 'chat.read') this.journal.mark(user, data as Data<'chat.read'>);
    return null;
  }

  private send({ user, device, socket }: Client, data: Data<'chat.send'>): Commands['chat.send']['reply'] {
    const { message, duplicate } = this.journal.append(user, data, device);
    if (!duplicate) this.fanOut({ type: 'chat.message', data: message }, socket);
    const { conversation, seq, id, time } = message;
    return { conversation, seq, id, time, duplicate };
  }

  private react({ user, device, socket }: Client, data: Data<'chat.react'>): Commands['chat.react']['reply'] {
    const { entry, duplicate } = this.journal.react(user, data, device);
    if (!duplicate) this.fanOut({ type: 'chat.reaction', data: entry }, socket);
    const { conversation, seq, id, time } = entry;
    return { conversation, seq, id, time, duplicate };
  }

  private refuseWith(socket: FakeSocket, command: Frame, refusal: Refusal): void {
    const data = { message: 'refused by the test', retryable: false, ...refusal };
    this.write(socket, { type: 'error', ...idOf(command), data });
    if (!this.clients.has(socket)) socket.drop(CloseCode.Unauthenticated, data.code);
  }

  private fanOut(event: Frame<string, { conversation: string }>, except?: FakeSocket): void {
    const parties = event.data?.conversation.split(':').slice(1) ?? [];
    for (const { socket, user } of this.clients.values())
      if (socket !== except && parties.includes(user)) this.writeEntry(socket, event);
  }

  private writeEntry(socket: FakeSocket, event: Frame): void {
    for (let copies = this.copiesOf(event); copies > 0; copies--) this.write(socket, event);
  }

  private write(socket: FakeSocket, frame: Frame): void {
    if (this.holdsChunk) this.chunk.push({ socket, frame });
    else if (this.alive) socket.deliver(frame);
  }
}

const idOf = ({ id }: Frame): Pick<Frame, 'id'> => (id === undefined ? {} : { id });

/** Everybody is there. */
const online = (user: string): Presence => ({ user, state: 'online' });
