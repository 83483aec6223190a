import type {
  ChatEvents,
  ChatMessage,
  ErrorData,
  Frame,
  MessageMeta,
  NotificationMessage,
} from '@rookery/protocol';
import { MessageKind } from '@rookery/protocol';
import { invalidField } from '../../common/index.js';
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

/** Names of messages that clients may make up. */
const TYPE = /^[\w.:-]{1,64}$/;
/** What the server alone says, or takes for itself. */
const RESERVED = new Set(['ping', 'pong', 'error', 'typing']);
const isFreeType = (type: unknown): type is string =>
  typeof type === 'string' && TYPE.test(type) && !RESERVED.has(type);

const CHAT = 'chat';

class MelodyEncoder implements Encoder {
  readonly name = 'melody';

  encode({ type, data }: Frame): Buffer {
    if (type === 'chat.message') return message(data as ChatMessage);
    if (type === 'notification.message') return notification(data as NotificationMessage);
    if (type === 'chat.typing') return typing(data as ChatEvents['chat.typing']);
    if (type === 'chat.broadcast') return broadcast(data as ChatEvents['chat.broadcast']);
    return NOTHING;
  }
}

/** `{type, to?, content?}`: private with a `to`, to everybody there without. */
class MelodyTranslation extends Translation {
  protected readonly encoder = ENCODER;

  carries(conversation: string): boolean {
    return parseConversationId(conversation)?.kind !== 'group';
  }

  protected contextOf({ type }: JsonObject): { pong: boolean } {
    return { pong: type === 'ping' };
  }

  protected commandOf({ type, to, content }: JsonObject): NativeCommand {
    if (type === 'ping') return { type: 'ping' };
    if (type === 'typing') return { type: 'chat.typing', data: { to } };
    if (!isFreeType(type))
      throw invalidField('type', 'Letters, digits and _ . : - only, and no name of ours');
    const draft = draftOf(type, content);
    if (to !== undefined && to !== '') return { type: 'chat.send', data: { to, ...draft } };
    if (type === CHAT) return { type: 'chat.broadcast', data: draft };
    throw invalidField('to', 'Only chat goes to everybody');
  }

  protected answer({ pong }: { pong: boolean }): Buffer {
    return pong ? PONG : NOTHING;
  }

  protected refusal(error: ErrorData): Buffer {
    return jsonFrame({ type: 'error', content: { code: error.code, message: describe(error) } });
  }
}

const ENCODER = new MelodyEncoder();
const PONG = jsonFrame({ type: 'pong' });

function draftOf(
  type: string,
  content: unknown,
): { kind: MessageKind; content: unknown; meta?: MessageMeta } {
  const isText = typeof content === 'string' && content !== '';
  return {
    kind: isText ? MessageKind.Text : MessageKind.Custom,
    content,
    ...(type !== CHAT && { meta: { type } }),
  };
}

const typeOf = (meta: MessageMeta | undefined): string => (isFreeType(meta?.type) ? meta.type : CHAT);

function message({ from, to, content, meta, recalled }: ChatMessage): Buffer {
  return to === undefined || recalled ? NOTHING : jsonFrame({ type: typeOf(meta), from, to, content });
}

function broadcast({ from, content }: ChatEvents['chat.broadcast']): Buffer {
  return jsonFrame({ type: CHAT, from, content });
}

function notification({ type, content }: NotificationMessage): Buffer {
  return jsonFrame({ type, content });
}

function typing({ conversation, from, active }: ChatEvents['chat.typing']): Buffer {
  const address = parseConversationId(conversation);
  if (!active || address?.kind !== 'direct') return NOTHING;
  const to = address.members.find((member) => member !== from) ?? from;
  return jsonFrame({ type: 'typing', from, to });
}

/** R1: flat `{type, to, from, content}` frames. */
export const melody: Dialect = {
  name: 'melody',
  device: '~melody',
  assertUser: (request, principal) => {
    assertToken(principal);
    assertNamed(request, 'user_id', principal);
  },
  open: (host) => new MelodyTranslation(host),
};
