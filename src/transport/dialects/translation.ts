import { ErrorCode, type CommandName, type Commands, type ErrorData, type Frame } from '@rookery/protocol';
import { AppError } from '../../common/index.js';
import {
  UndecodableFrame,
  type Connection,
  type Encoder,
  type HubEvent,
  type Translator,
} from '../../hub/index.js';
import type { CommandHandler } from '../command-handlers.js';
import { parseJson } from '../json-codec.js';
import { faultOf } from '../plain-json.js';
import { textFrame } from '../text-frame.js';
import { DeliveryMarks, type MarkingHost } from './delivery-marks.js';

/** What a dialect needs of the connection that speaks it. */
export interface DialectHost extends MarkingHost {
  /** Undefined until a token was brought. */
  readonly connection?: Connection;
  /** Users connected to this node. */
  readonly onlineCount: number;
  /** Runs a native command within another one's handler; its answer comes to the caller alone. */
  call<Name extends CommandName>(
    command: Name,
    data: Commands[Name]['data'],
  ): Promise<Commands[Name]['reply']>;
  /** Queues a command in the client's name, behind what it has sent; against no rate. */
  submit(frame: Frame): void;
}

export type JsonObject = Record<string, unknown>;

/** A native command, not checked yet: its handler does that. */
export interface NativeCommand {
  type: string;
  data?: unknown;
}

/** No frame at all. */
export const NOTHING: Buffer = Buffer.alloc(0);

export const jsonFrame = (value: unknown): Buffer => textFrame(JSON.stringify(value));

/** What takes more than one native command; the rest of the name says what, for the metrics. */
const OWN = 'dialect.';

/** A command that a dialect puts together itself. */
export const ownCommand = (name: string, run: () => unknown): NativeCommand => ({
  type: `${OWN}${name}`,
  data: run,
});

const runOwn: CommandHandler = (run) => (run as () => unknown)();

/**
 * One connection's way between a dialect and the native protocol. What an answer has to carry of the frame it answers is
 * kept as its `Context` until then. A client of a dialect cannot say what has reached it: see {@link DeliveryMarks}.
 */
export abstract class Translation<Context extends object = object> implements Translator {
  protected abstract readonly encoder: Encoder;
  private readonly pending = new Map<number, Context>();
  private lastId = 0;
  private readonly marks: DeliveryMarks;

  constructor(protected readonly host: DialectHost) {
    this.marks = new DeliveryMarks(host);
  }

  abstract carries(conversation: string): boolean;

  /** What the answer to a frame needs of it, whatever the frame is. */
  protected abstract contextOf(frame: JsonObject): Context;

  /** The command that a frame stands for; throws AppError. */
  protected abstract commandOf(frame: JsonObject, context: Context): NativeCommand;

  /** The answer to a command that succeeded. */
  protected abstract answer(context: Context, data: unknown): Buffer;

  /** The answer to one that failed; without a context to a frame that could not be read at all. */
  protected abstract refusal(error: ErrorData, context: Context | undefined): Buffer;

  /** What a connection is told that answers nothing: `hello` and `chat.synced`. */
  protected told(_type: string, _data: unknown): Buffer {
    return NOTHING;
  }

  /** The frames of an event for this connection; by default the same for all. */
  protected translate(event: HubEvent): Buffer {
    return event.bytes(this.encoder, this.host.connection?.locale);
  }

  /** Ids of messages that are remembered. */
  get idCount(): number {
    return 0;
  }

  handlerOf(type: string): CommandHandler | undefined {
    return type.startsWith(OWN) ? runOwn : undefined;
  }

  /** Throws {@link UndecodableFrame}; never anything else. */
  decode(payload: Buffer, isBinary: boolean): Frame {
    const value = this.parse(payload, isBinary);
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new UndecodableFrame(ErrorCode.BadFrame, 'Not a JSON object');
    const frame = value as JsonObject;
    const context = this.contextOf(frame);
    const id = this.expect(context);
    const fault = faultOf(frame);
    if (fault) throw new UndecodableFrame(fault.code, fault.message, id);
    const { type, data } = this.command(frame, context);
    return { id, type, data };
  }

  event(event: HubEvent): Buffer {
    const bytes = this.translate(event);
    if (bytes.length > 0) this.marks.written(event);
    return bytes;
  }

  /** The server is about to end the connection. */
  end(): void {
    this.marks.askNow();
  }

  /** The socket is closed. */
  closed(): void {
    this.marks.closed();
  }

  /** The client has answered a ping. */
  answered(said: string): void {
    this.marks.answered(said);
  }

  reply({ type, id, data }: Frame): Buffer {
    const context = this.take(id);
    if (type === 'error') return this.refusal(data as ErrorData, context);
    if (type === 'chat.synced') this.marks.askNow();
    return context ? this.answer(context, data) : this.told(type, data);
  }

  /** Queues a command of this translation's own making, to be answered as one of the client's. */
  protected submit(command: NativeCommand, context: Context): void {
    this.host.submit({ id: this.expect(context), ...command });
  }

  /** Throws {@link UndecodableFrame}. */
  protected parse(payload: Buffer, isBinary: boolean): unknown {
    return parseJson(payload, isBinary);
  }

  private command(frame: JsonObject, context: Context): NativeCommand {
    try {
      return this.commandOf(frame, context);
    } catch (error) {
      return ownCommand('invalid', () => {
        throw error;
      });
    }
  }

  private expect(context: Context): number {
    this.pending.set(++this.lastId, context);
    return this.lastId;
  }

  private take(id: Frame['id']): Context | undefined {
    if (typeof id !== 'number') return undefined;
    const context = this.pending.get(id);
    this.pending.delete(id);
    return context;
  }
}

export const unknownType = (): AppError =>
  new AppError(ErrorCode.UnknownCommand, { message: 'Unknown type' });

/** One sentence, with the fields that are wrong as the dialect calls them. */
export function describe(
  { message, details }: ErrorData,
  names: Readonly<Record<string, string>> = {},
): string {
  if (!details?.length) return message;
  const fields = details.map(({ field, message: why }) => `${names[field] ?? field}: ${why}`);
  return `${message} (${fields.join('; ')})`;
}
