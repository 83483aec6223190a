import {
  ErrorCode,
  MessageKind,
  type ChatMessage,
  type ErrorData,
  type Frame,
  type MediaContent,
  type MessageDraft,
  type MessageMeta,
  type Stored,
} from '@rookery/protocol';
import { AppError, ERROR_TABLE, invalidField } from '../../common/index.js';
import type { Encoder } from '../../hub/index.js';
import { parseConversationId } from '../../journal/index.js';
import { assertNamed, assertToken, type Dialect } from './dialect.js';
import {
  describe,
  jsonFrame,
  NOTHING,
  Translation,
  type JsonObject,
  type NativeCommand,
} from './translation.js';

const TEXT = 0;
const VOICE = 1;
const FILE = 2;
const SIGNAL = 3;

/** What the native protocol has no field for: kept in `meta`, and given out as it came. */
const EXTRAS = [
  'session_id',
  'content',
  'url',
  'send_name',
  'send_avatar',
  'file_size',
  'file_type',
  'file_name',
  'av_data',
] as const;
const MAX_EXTRA = 2048;
/** Of a frame; also what an `av_data` may be. */
const MAX_SIGNAL = 64 * 1024;

/** A group is a receiver that begins with it. */
const GROUP = 'G';

/** What the fields of native commands are called here. */
const NAMES = { to: 'receive_id', conversation: 'receive_id', 'content.url': 'url' };

type Sent = Pick<ChatMessage, 'conversation' | 'from' | 'to' | 'kind' | 'content' | 'meta'>;

interface Request {
  /** Of a message: what its sender is shown, too, when it is stored. */
  sent?: Omit<Sent, 'conversation'>;
}

class KamaEncoder implements Encoder {
  readonly name = 'kama';

  encode({ type, data }: Frame): Buffer {
    if (type === 'chat.message') return message(data as ChatMessage);
    if (type === 'call.signal') return signal(data as { from: string; payload: unknown });
    return NOTHING;
  }
}

/** Flat frames with the numbers 0 text, 1 voice, 2 file, 3 audio/video. */
class KamaTranslation extends Translation<Request> {
  protected readonly encoder = ENCODER;

  carries(conversation: string): boolean {
    const kind = parseConversationId(conversation)?.kind;
    return kind === 'direct' || (kind === 'group' && conversation.startsWith(GROUP));
  }

  protected contextOf(): Request {
    return {};
  }

  protected commandOf(frame: JsonObject, request: Request): NativeCommand {
    const from = this.host.connection?.userId ?? '';
    const { type, send_id: sender = from, receive_id: receiver } = frame;
    if (sender !== from && sender !== '')
      throw new AppError(ErrorCode.Forbidden, { message: 'send_id is not the user of the token' });
    if (typeof receiver !== 'string' || receiver === '') throw invalidField('receive_id', 'A string');
    if (type === SIGNAL) return relay(frame, from, receiver);
    const draft = draftOf(frame);
    const isGroup = receiver.startsWith(GROUP);
    request.sent = { from, ...(!isGroup && { to: receiver }), ...draft };
    return {
      type: 'chat.send',
      data: { ...(isGroup ? { conversation: receiver } : { to: receiver }), ...draft },
    };
  }

  /** A sender is shown what he sent, as everybody else. */
  protected answer({ sent }: Request, data: unknown): Buffer {
    if (!sent) return NOTHING;
    const { conversation, time } = data as Stored;
    return shown({ ...sent, conversation }, time);
  }

  protected refusal(error: ErrorData): Buffer {
    return jsonFrame({ code: ERROR_TABLE[error.code].httpStatus, msg: describe(error, NAMES), data: null });
  }
}

const ENCODER = new KamaEncoder();

function draftOf(frame: JsonObject): Pick<MessageDraft, 'kind' | 'content' | 'meta'> {
  const { type, content, url } = frame;
  if (type === TEXT) return { kind: MessageKind.Text, content, meta: extrasOf(frame, 'content') };
  if (type !== VOICE && type !== FILE) throw invalidField('type', 'One of 0, 1, 2 and 3');
  const kind = type === VOICE ? MessageKind.Voice : MessageKind.File;
  return { kind, content: mediaOf(url, frame), meta: extrasOf(frame, 'url') };
}

function mediaOf(url: unknown, { file_name: name, file_type: mime, file_size: given }: JsonObject): object {
  const size = typeof given === 'string' && /^\d{1,15}$/.test(given) ? Number(given) : given;
  return {
    url,
    ...(isShort(name, 255) && { name }),
    ...(isShort(mime, 127) && { mime }),
    ...(Number.isSafeInteger(size) && (size as number) >= 0 && { size }),
  };
}

const isShort = (value: unknown, limit: number): boolean =>
  typeof value === 'string' && value !== '' && value.length <= limit;

/** Of the fields that came all but the one that is the message itself. */
function extrasOf(frame: JsonObject, own: 'content' | 'url'): MessageMeta {
  const extras: MessageMeta = {};
  for (const name of EXTRAS) {
    const value = frame[name];
    if (value === undefined || name === own) continue;
    if (typeof value !== 'number' && !(typeof value === 'string' && value.length <= MAX_EXTRA))
      throw invalidField(name, `A string of at most ${MAX_EXTRA} characters, or a number`);
    extras[name] = value;
  }
  return extras;
}

/** From device to device, stored nowhere. */
function relay(frame: JsonObject, from: string, to: string): NativeCommand {
  const { av_data: data } = frame;
  if (typeof data !== 'string' || data === '' || data.length > MAX_SIGNAL)
    throw invalidField('av_data', 'A string');
  if (to.startsWith(GROUP)) throw invalidField('receive_id', 'Calls are between two users');
  const payload = {
    ...extrasOf({ ...frame, av_data: undefined }, 'url'),
    url: frame.url,
    av_data: data,
    send_id: from,
    receive_id: to,
  };
  return { type: 'call.signal', data: { to, payload } };
}

function message({ recalled, time, ...sent }: ChatMessage): Buffer {
  return recalled || sent.kind === MessageKind.Custom ? NOTHING : shown(sent, time);
}

/** What came from a client of this dialect has the fields that it came with; what did not has them all. */
function shown({ conversation, from, to, kind, content, meta }: Sent, time: number): Buffer {
  const ends = { send_id: from, receive_id: to ?? conversation, created_at: createdAt(time) };
  if (kind === MessageKind.Text)
    return jsonFrame(Object.assign(known(isOurs(meta) ? meta : EMPTY), { type: TEXT, content }, ends));
  const { url, name = '', mime = '', size } = content as MediaContent;
  const described = { file_size: size === undefined ? '' : String(size), file_type: mime, file_name: name };
  const type = kind === MessageKind.Voice ? VOICE : FILE;
  return jsonFrame({
    ...(isOurs(meta) ? {} : { ...EMPTY, ...described }),
    ...known(meta),
    type,
    url,
    ...ends,
  });
}

const EMPTY: Readonly<Record<string, string>> = Object.fromEntries(EXTRAS.map((name) => [name, '']));

/** Every message of a client of this dialect has one of these. */
const isOurs = (meta: MessageMeta | undefined): boolean =>
  meta !== undefined && EXTRAS.some((name) => Object.hasOwn(meta, name));

/** Anybody may have written the rest. */
function known(meta: MessageMeta | undefined): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const name of EXTRAS) {
    const value = meta?.[name];
    if (typeof value === 'string' || typeof value === 'number') fields[name] = value;
  }
  return fields;
}

function signal({ from, payload }: { from: string; payload: unknown }): Buffer {
  if (typeof payload !== 'object' || payload === null) return NOTHING;
  const { av_data: data, receive_id: receiver, ...rest } = payload as JsonObject;
  if (typeof data !== 'string' || typeof receiver !== 'string') return NOTHING;
  const ends = { send_id: from, receive_id: receiver, created_at: createdAt(Date.now()) };
  return jsonFrame({ ...known(rest as MessageMeta), av_data: data, type: SIGNAL, ...ends });
}

/** `YYYY-MM-DD HH:mm:ss` in UTC. */
export function createdAt(time: number): string {
  return new Date(time).toISOString().slice(0, 19).replace('T', ' ');
}

/** R3: flat frames, snake_case, integer types. */
export const kama: Dialect = {
  name: 'kama',
  device: '~kama',
  assertUser: (request, principal) => {
    assertToken(principal);
    assertNamed(request, 'client_id', principal);
  },
  open: (host) => new KamaTranslation(host),
};
