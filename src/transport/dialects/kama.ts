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
const NO_META: MessageMeta = {};
/** Of a frame; also what an `av_data` may be. */
const MAX_SIGNAL = 64 * 1024;

/** A group is a receiver that begins with it. */
const GROUP = 'G';

/** What the fields of native commands are called here. */
const NAMES = { to: 'receive_id', conversation: 'receive_id', 'content.url': 'url' };

type Sent = Pick<ChatMessage, 'from' | 'to' | 'kind' | 'content' | 'meta'>;

interface Request {
  /** Of a message: what its sender is shown, too, when it is stored. */
  sent?: Sent;
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
    request.sent = { from, to: receiver, ...draft };
    const isGroup = receiver.startsWith(GROUP);
    const data = isGroup ? { conversation: receiver, ...draft } : { to: receiver, ...draft };
    return { type: 'chat.send', data };
  }

  /** A sender is shown what he sent, as everybody else. */
  protected answer({ sent }: Request, data: unknown): Buffer {
    if (!sent) return NOTHING;
    const { conversation, time, id } = data as Stored;
    return isSame(sent, id) ? last.bytes : shown(sent, conversation, time);
  }

  protected refusal(error: ErrorData): Buffer {
    return jsonFrame({ code: ERROR_TABLE[error.code].httpStatus, msg: describe(error, NAMES), data: null });
  }
}

const ENCODER = new KamaEncoder();

function draftOf(frame: JsonObject): Pick<MessageDraft, 'kind' | 'content' | 'meta'> {
  const { type, content, url } = frame;
  if (type === TEXT) return { kind: MessageKind.Text, content, meta: metaOf(frame, 'content') };
  if (type !== VOICE && type !== FILE) throw invalidField('type', 'One of 0, 1, 2 and 3');
  const kind = type === VOICE ? MessageKind.Voice : MessageKind.File;
  const address = encodedUrl(url);
  const meta = metaOf(frame, 'url');
  return {
    kind,
    content: mediaOf(address, frame),
    meta: address === url ? meta : { ...meta, url: checkedExtra('url', url) },
  };
}

/** Names of files are put into addresses as they are. */
const encodedUrl = (url: unknown): unknown =>
  typeof url === 'string' ? url.replace(/[\s\\]/g, encodeURIComponent) : url;

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

/** What was given, but nothings: all frames have all fields, and what is stored with each message is dear. */
function metaOf(frame: JsonObject, own: 'content' | 'url'): MessageMeta | undefined {
  let meta: MessageMeta | undefined;
  let omitted: string[] | undefined;
  for (const name of EXTRAS) {
    if (name === own) continue;
    const value = frame[name];
    if (value === undefined) (omitted ??= []).push(name);
    else if (value !== '') (meta ??= {})[name] = checkedExtra(name, value);
  }
  return omitted ? { ...meta, omitted } : meta;
}

function checkedExtra(name: string, value: unknown): string | number {
  if (typeof value === 'string' ? value.length <= MAX_EXTRA : Number.isFinite(value))
    return value as string | number;
  throw invalidField(name, `A string of at most ${MAX_EXTRA} characters, or a number`);
}

/** Of the fields that came with a call signal all but its data. */
function extrasOf(frame: JsonObject): MessageMeta {
  const extras: MessageMeta = {};
  for (const name of EXTRAS) {
    const value = frame[name];
    if (value !== undefined && name !== 'av_data')
      extras[name] = name === 'url' ? value : checkedExtra(name, value);
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
    ...extrasOf(frame),
    av_data: data,
    send_id: from,
    receive_id: to,
  };
  return { type: 'call.signal', data: { to, payload } };
}

/** The message that others were shown last: its sender is told right after them, mostly in the same words. */
let last: { message?: ChatMessage; bytes: Buffer } = { bytes: NOTHING };

function message(sent: ChatMessage): Buffer {
  if (sent.recalled || sent.kind === MessageKind.Custom) return NOTHING;
  last = { message: sent, bytes: shown(sent, sent.conversation, sent.time) };
  return last.bytes;
}

/** Whether it is the one that others were shown, and nothing has changed it on the way. */
function isSame({ kind, content, meta }: Sent, id: string): boolean {
  const { message: other } = last;
  return other?.id === id && other.kind === kind && other.content === content && other.meta === meta;
}

/** All fields, but those that a client of this dialect left out. */
function shown(
  { from, to, kind, content, meta = NO_META }: Sent,
  conversation: string,
  time: number,
): Buffer {
  const media = kind === MessageKind.Text ? undefined : (content as MediaContent);
  const frame: JsonObject = {
    session_id: extra(meta.session_id),
    type: media ? (kind === MessageKind.Voice ? VOICE : FILE) : TEXT,
    content: media ? extra(meta.content) : content,
    url: media ? addressOf(media, meta) : extra(meta.url),
    send_id: from,
    send_name: extra(meta.send_name),
    send_avatar: extra(meta.send_avatar),
    receive_id: to ?? conversation,
    file_size: extra(meta.file_size, media?.size?.toString()),
    file_type: extra(meta.file_type, media?.mime),
    file_name: extra(meta.file_name, media?.name),
    av_data: extra(meta.av_data),
    created_at: createdAt(time),
  };
  if (meta.omitted !== undefined) omit(frame, meta.omitted, media ? 'url' : 'content');
  return jsonFrame(frame);
}

/** As its sender wrote it, if it is the same. */
const addressOf = ({ url }: MediaContent, { url: given }: MessageMeta): string =>
  typeof given === 'string' && encodedUrl(given) === url ? given : url;

/** Anybody may have written what is in `meta`. */
const extra = (value: unknown, otherwise = ''): string | number =>
  typeof value === 'string' || typeof value === 'number' ? value : otherwise;

function omit(frame: JsonObject, names: unknown, own: 'content' | 'url'): void {
  if (Array.isArray(names))
    for (const name of EXTRAS) if (name !== own && names.includes(name)) frame[name] = undefined;
}

function signal({ from, payload }: { from: string; payload: unknown }): Buffer {
  if (typeof payload !== 'object' || payload === null) return NOTHING;
  const { av_data: data, receive_id: receiver, ...rest } = payload as JsonObject;
  if (typeof data !== 'string' || typeof receiver !== 'string') return NOTHING;
  const ends = { send_id: from, receive_id: receiver, created_at: createdAt(Date.now()) };
  return jsonFrame({ ...plainExtras(rest), av_data: data, type: SIGNAL, ...ends });
}

function plainExtras(payload: JsonObject): JsonObject {
  const isPlain = (name: string): boolean => ['string', 'number'].includes(typeof payload[name]);
  return Object.fromEntries(EXTRAS.filter(isPlain).map((name) => [name, payload[name]]));
}

/** The second that was asked for last: frames come many in one. */
let lastSecond = NaN;
let lastCreatedAt = '';

/** `YYYY-MM-DD HH:mm:ss` in UTC. */
export function createdAt(time: number): string {
  const second = Math.floor(time / 1000);
  if (second !== lastSecond) {
    lastCreatedAt = new Date(time).toISOString().slice(0, 19).replace('T', ' ');
    lastSecond = second;
  }
  return lastCreatedAt;
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
