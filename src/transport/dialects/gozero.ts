import {
  ErrorCode,
  type ChatMessage,
  type ErrorData,
  type Frame,
  type Hello,
  type NotificationMessage,
} from '@rookery/protocol';
import { AppError, invalidField, toAppError } from '../../common/index.js';
import type { Encoder, HubEvent } from '../../hub/index.js';
import { parseConversationId } from '../../journal/index.js';
import { clientIdOf, givenId, type GivenId } from './client-id.js';
import { draftOf, mergedMeta, numberedOf } from './content-form.js';
import type { Dialect } from './dialect.js';
import { isInexact, parseExactly, stringifyExactly } from './exact-json.js';
import { RecentIds } from './recent-ids.js';
import { textFrame } from '../text-frame.js';
import {
  describe,
  jsonFrame,
  NOTHING,
  ownCommand,
  Translation,
  unknownType,
  type JsonObject,
  type NativeCommand,
} from './translation.js';

const STATUS: Readonly<Record<ErrorCode, number>> = {
  bad_frame: 400,
  unknown_command: 400,
  invalid: 400,
  too_deep: 400,
  conflict: 400,
  unauthenticated: 401,
  forbidden: 403,
  refused: 403,
  not_found: 404,
  too_large: 413,
  rate_limited: 429,
  overloaded: 500,
  unavailable: 500,
  internal: 500,
};

/** What the fields of native commands are called here. */
const NAMES = { conversation: 'group_id', clientId: 'message_id', seq: 'message_id' };
const KEY = 'msg_type';
/** Messages that are looked through for one whose id is not remembered. */
const LOOK_BACK = 200;

/** As its sender gave it; a BigInt is a number. */
type MessageId = GivenId | bigint;

/** How a BigInt is kept in `meta`. */
interface LargeNumber {
  number: string;
}
const DIGITS = /^-?\d{1,64}$/;

interface Request {
  kind: 'auth' | 'ping' | 'other';
  /** As it came. */
  messageId?: MessageId;
  /** Where it goes; of a message whose refusal may need a second look. */
  group?: string;
}

class GozeroEncoder implements Encoder {
  readonly name = 'gozero';

  encode({ type, data }: Frame): Buffer {
    if (type === 'chat.message') return newMessage(data as ChatMessage);
    if (type === 'notification.message') return notification(data as NotificationMessage);
    return NOTHING;
  }
}

function frame(type: string, timestamp: number, data: unknown, messageId?: MessageId): Buffer {
  const value = { type, ...(messageId !== undefined && { message_id: messageId }), timestamp, data };
  return typeof messageId === 'bigint' ? textFrame(stringifyExactly(value)) : jsonFrame(value);
}

const idIn = (given: unknown): MessageId | undefined => (typeof given === 'bigint' ? given : givenId(given));

/** The id as its sender gave it. */
function messageIdOf({ clientId = '', meta }: ChatMessage): MessageId {
  const kept = meta?.message_id;
  const { number } = (typeof kept === 'object' && kept !== null ? kept : {}) as Partial<LargeNumber>;
  if (typeof number === 'string' && DIGITS.test(number)) return BigInt(number);
  return givenId(kept) ?? clientId;
}

const keptId = (given: unknown): unknown =>
  typeof given === 'bigint' ? ({ number: String(given) } satisfies LargeNumber) : given;

function newMessage(message: ChatMessage): Buffer {
  const { conversation, to, from, time } = message;
  const form = to === undefined ? numberedOf(message, KEY) : undefined;
  if (!form) return NOTHING;
  const messageId = messageIdOf(message);
  const data = {
    group_id: conversation,
    message_id: messageId,
    sender_id: from,
    msg_type: form.number,
    content: form.content,
    timestamp: time,
  };
  return frame('new_message', time, data, messageId);
}

function notification({ type, content, time, id }: NotificationMessage): Buffer {
  return frame('notification', time, { type, content, timestamp: time }, id);
}

/** `{type, message_id, timestamp, data}`: groups and notifications. */
class GozeroTranslation extends Translation<Request> {
  protected readonly encoder = ENCODER;
  private readonly recent = new RecentIds();
  /** The `auth` that has not been answered. */
  private greeting?: Request;

  override get idCount(): number {
    return this.recent.size;
  }

  carries(conversation: string): boolean {
    return parseConversationId(conversation)?.kind !== 'direct';
  }

  protected override parse(payload: Buffer, isBinary: boolean): unknown {
    const value = super.parse(payload, isBinary);
    const { message_id: id, data } = (value ?? {}) as JsonObject;
    const { message_id: named, group_id: group } = (data ?? {}) as JsonObject;
    return [id, named, group].some(isInexact) ? parseExactly(payload.toString()) : value;
  }

  protected contextOf({ type, message_id: given }: JsonObject): Request {
    const messageId = idIn(given);
    return { kind: type === 'auth' || type === 'ping' ? type : 'other', messageId };
  }

  protected commandOf(frame: JsonObject, request: Request): NativeCommand {
    const { type } = frame;
    if (type === 'ping') return { type };
    if (type === 'auth') {
      this.greeting = request;
      return { type, data: { token: (frame.data as JsonObject | null | undefined)?.token } };
    }
    const data = dataOf(frame);
    if (type === 'send_message') return this.send(frame, data, request);
    if (type === 'join_group') return this.join(groupOf(data));
    if (type === 'leave_group') return this.inGroup('group.leave', groupOf(data));
    if (type === 'mark_read') return this.markRead(groupOf(data), data.message_id);
    throw unknownType();
  }

  protected answer(request: Request, data: unknown): Buffer {
    const { kind, messageId } = request;
    if (kind === 'ping') return frame('pong', Date.now(), undefined, messageId);
    // The first one was answered with the hello.
    if (kind === 'auth')
      return this.greeting === request ? this.greet((data as { user: string }).user) : NOTHING;
    return frame('ack', Date.now(), { message_id: messageId, success: true }, messageId);
  }

  protected refusal(error: ErrorData, request: Request | undefined): Buffer {
    if (request?.kind === 'auth')
      return frame('auth_failed', Date.now(), { message: describe(error) }, request.messageId);
    if (error.code === ErrorCode.NotFound && request?.group !== undefined) {
      this.submit(this.whyNot(request.group), { ...request, group: undefined });
      return NOTHING;
    }
    const data = { code: STATUS[error.code], message: describe(error, NAMES) };
    return frame('error', Date.now(), data, request?.messageId);
  }

  protected override told(type: string, data: unknown): Buffer {
    return type === 'hello' ? this.greet((data as Hello).user) : NOTHING;
  }

  protected override translate(event: HubEvent): Buffer {
    const bytes = super.translate(event);
    if (bytes.length > 0 && event.type === 'chat.message') {
      const message = event.data as ChatMessage;
      this.recent.add(message.conversation, String(messageIdOf(message)), message.seq);
    }
    return bytes;
  }

  private greet(user: string): Buffer {
    const messageId = this.greeting?.messageId;
    this.greeting = undefined;
    return frame('auth_success', Date.now(), { user_id: user }, messageId);
  }

  private send({ message_id: given }: JsonObject, data: JsonObject, request: Request): NativeCommand {
    const { clientId, plain } = clientIdOf(given, 'message_id');
    request.messageId ??= clientId;
    request.group = groupOf(data);
    const { kind, content, meta: form } = draftOf(data.msg_type, data.content, KEY);
    const meta = mergedMeta(form, plain ? undefined : { message_id: keptId(given) });
    return { type: 'chat.send', data: { conversation: request.group, kind, content, meta, clientId } };
  }

  /** Who is in it already has what he wants. */
  private join(group: string): NativeCommand {
    return ownCommand('join_group', async () => {
      try {
        await this.host.call('group.join', { conversation: group });
      } catch (error) {
        unless(error, ErrorCode.Conflict);
      }
    });
  }

  private inGroup(command: 'group.leave', group: string): NativeCommand {
    return ownCommand('leave_group', async () => {
      try {
        await this.host.call(command, { conversation: group });
      } catch (error) {
        await this.explained(error, group);
      }
    });
  }

  private markRead(group: string, given: unknown): NativeCommand {
    const id = idIn(given);
    if (id === undefined) throw invalidField('message_id', 'A string or a number');
    return ownCommand('mark_read', async () => {
      try {
        const [known] = this.recent.find(group, [String(id)]);
        const seq = known ?? (await this.lookUp(group, String(id)));
        await this.host.call('chat.read', { conversation: group, seq });
      } catch (error) {
        await this.explained(error, group);
      }
    });
  }

  private async lookUp(group: string, id: string): Promise<number> {
    const { messages } = await this.host.call('chat.history', { conversation: group, limit: LOOK_BACK });
    const found = messages.findLast(
      (entry) => entry.event === 'chat.message' && String(messageIdOf(entry)) === id,
    );
    if (!found) throw invalidField('message_id', 'No such message');
    return found.seq;
  }

  private whyNot(group: string): NativeCommand {
    return ownCommand('why_not', () => this.explained(new AppError(ErrorCode.NotFound), group));
  }

  /** A stranger sees a group that is open: there it is his not being a member that is in the way. */
  private async explained(error: unknown, group: string): Promise<never> {
    if (toAppError(error).code !== ErrorCode.NotFound) throw error;
    const seen = await this.sees(group);
    if (seen) throw new AppError(ErrorCode.Forbidden, { message: 'Not a member of this group' });
    throw error;
  }

  private async sees(group: string): Promise<boolean> {
    try {
      await this.host.call('group.get', { conversation: group });
      return true;
    } catch (error) {
      return unless(error, ErrorCode.NotFound);
    }
  }
}

const ENCODER = new GozeroEncoder();

/** Throws what is another error. */
function unless(error: unknown, code: ErrorCode): false {
  if (toAppError(error).code !== code) throw error;
  return false;
}

function dataOf({ data }: JsonObject): JsonObject {
  if (typeof data === 'object' && data !== null && !Array.isArray(data)) return data as JsonObject;
  throw invalidField('data', 'An object');
}

/** Nothing but a group is a group: who names a direct chat gets the answer for one that does not exist. */
function groupOf({ group_id: given }: JsonObject): string {
  const isNumber = typeof given === 'bigint' || Number.isSafeInteger(given);
  const group = isNumber ? String(given) : given;
  if (typeof group !== 'string') throw invalidField('group_id', 'A string');
  if (parseConversationId(group)?.kind !== 'group') throw new AppError(ErrorCode.NotFound);
  return group;
}

/** R4: `{type, message_id, timestamp, data}` frames. */
export const gozero: Dialect = {
  name: 'gozero',
  device: '~gozero',
  patient: true,
  assertUser: () => undefined,
  open: (host) => new GozeroTranslation(host),
};
