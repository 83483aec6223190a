import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Core, pinned } from './cores.js';
import type { Reply, Request } from './rpc.js';

const START_TIMEOUT = 60_000;
/** Lines of output that are kept for the day something goes wrong. */
const KEPT_OUTPUT = 50;

export interface ChildOptions {
  core: Core;
  /** What Node runs, with its own options before and its arguments after. */
  args: readonly string[];
  env?: Record<string, string>;
  cwd?: string;
  /** Output that says it is ready; default: it calls `ready()`. */
  readyText?: string;
}

interface Waiting {
  resolve(result: never): void;
  reject(error: Error): void;
}

/** A Node process of ours, pinned to a core, that can be called. */
export class Child {
  private readonly waiting = new Map<number, Waiting>();
  private readonly output: string[] = [];
  private calls = 0;

  private constructor(
    private readonly process: ChildProcess,
    private readonly what: string,
  ) {
    const keep = (chunk: Buffer): void => {
      this.output.push(chunk.toString());
      if (this.output.length > KEPT_OUTPUT) this.output.shift();
    };
    process.stdout?.on('data', keep);
    process.stderr?.on('data', keep);
    process.on('message', (reply: Reply) => this.settle(reply));
    process.on('error', (error) => this.ended(error.message));
    process.once('exit', (code, signal) => this.ended(`ended with ${code ?? signal}`));
  }

  /** Resolves when it is ready, with what it said about itself. */
  static async start(options: ChildOptions): Promise<{ child: Child; port: number }> {
    const [command, args] = pinned(options.core, process.execPath, options.args);
    const spawned = spawn(command, args, {
      cwd: options.cwd,
      env: { PATH: process.env.PATH, HOME: options.cwd ?? process.env.HOME, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // JSON would make null of the median of nothing.
      serialization: 'advanced',
    });
    const child = new Child(spawned, options.args.join(' '));
    const about = await child.started(options.readyText);
    return { child, port: about.port ?? 0 };
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  call<Result>(method: string, params: unknown = {}): Promise<Result> {
    const call = ++this.calls;
    return new Promise<Result>((resolve, reject) => {
      this.waiting.set(call, { resolve, reject });
      this.process.send({ call, method, params } satisfies Request);
    });
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const exited = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await exited;
  }

  private started(readyText: string | undefined): Promise<{ port?: number }> {
    return new Promise((resolve, reject) => {
      const late = (): void => reject(this.failure('did not start in time'));
      const timer = setTimeout(late, START_TIMEOUT);
      const done = (about: { port?: number }): void => {
        clearTimeout(timer);
        this.waiting.delete(0);
        resolve(about);
      };
      this.waiting.set(0, {
        resolve: done,
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
      if (readyText === undefined) return;
      this.process.stdout?.on('data', () => this.output.join('').includes(readyText) && done({}));
    });
  }

  private settle({ call, result, error }: Reply): void {
    const waiting = this.waiting.get(call);
    this.waiting.delete(call);
    if (error === undefined) waiting?.resolve(result as never);
    else waiting?.reject(this.failure(error));
  }

  private ended(how: string): void {
    for (const { reject } of this.waiting.values()) reject(this.failure(how));
    this.waiting.clear();
  }

  private failure(why: string): Error {
    return new Error(`${this.what}: ${why}\n${this.output.join('')}`);
  }
}
