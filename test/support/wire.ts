import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { CommandName, Commands, ErrorData, Frame } from '@rookery/protocol';
import { CommandError, tokenFor } from './raw-client.js';

/** The connection ended before the answer came: whether the command was carried out is unknown. */
export class Disconnected extends Error {
  constructor(readonly code: number | undefined) {
    super(`Disconnected with ${code}`);
  }
}

export interface WireOptions {
  query?: Record<string, string>;
  /** Called for every frame that answers no command. */
  onEvent?: (frame: Frame) => void;
}

/** A connection for loads: commands and their answers are matched, events are handed on, nothing is kept. */
export class Wire {
  closeCode?: number;
  /** Resolves with the close code. */
  readonly closed: Promise<number>;
  private readonly answers = new Map<number, (answer: Frame | Disconnected) => void>();
  private nextId = 1;

  private constructor(
    readonly socket: WebSocket,
    private readonly onEvent: (frame: Frame) => void,
  ) {
    socket.on('message', (data: Buffer) => this.receive(JSON.parse(data.toString()) as Frame));
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.once('close', (code: number) => {
        this.closeCode = code;
        for (const answer of this.answers.values()) answer(new Disconnected(code));
        this.answers.clear();
        resolve(code);
      });
    });
  }

  /** Resolves when the socket is open and the hello on its way; rejects when the server is not there or says no. */
  static async connect({ port }: { port: number }, user: string, options: WireOptions = {}): Promise<Wire> {
    const url = `ws://127.0.0.1:${port}/ws?${new URLSearchParams(options.query)}`;
    const socket = new WebSocket(url, { headers: { Authorization: `Bearer ${tokenFor(user)}` } });
    const wire = new Wire(socket, options.onEvent ?? (() => undefined));
    await once(socket, 'open');
    return wire;
  }

  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  /** Rejects with CommandError when refused, and with Disconnected when nobody will ever know. */
  call<Name extends CommandName>(
    type: Name,
    data?: Commands[Name]['data'],
  ): Promise<Commands[Name]['reply']> {
    if (!this.isOpen) return Promise.reject(new Disconnected(this.closeCode));
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.answers.set(id, (answer) => {
        if (answer instanceof Disconnected) reject(answer);
        else if (answer.type === 'error') reject(new CommandError(answer.data as ErrorData));
        else resolve(answer.data as Commands[Name]['reply']);
      });
      this.socket.send(JSON.stringify({ type, id, data }));
    });
  }

  /** A command whose answer nobody waits for. */
  tell<Name extends CommandName>(type: Name, data?: Commands[Name]['data']): void {
    if (this.isOpen) this.socket.send(JSON.stringify({ type, data }));
  }

  async close(): Promise<void> {
    if (this.closeCode === undefined) this.socket.close(1000);
    await this.closed;
  }

  private receive(frame: Frame): void {
    const answer = typeof frame.id === 'number' ? this.answers.get(frame.id) : undefined;
    if (!answer) return this.onEvent(frame);
    this.answers.delete(frame.id as number);
    answer(frame);
  }
}
