import { ErrorCode, type Frame } from '@rookery/protocol';
import { UndecodableFrame, type Codec } from '../hub/index.js';
import { faultOf, type Fault } from './plain-json.js';
import { textFrame } from './text-frame.js';

/** The native protocol: one JSON object `{type, id?, data?}` in one text frame. */
export class JsonCodec implements Codec {
  readonly name = 'json';

  encode(frame: Frame): Buffer {
    return textFrame(JSON.stringify(frame));
  }

  decode(payload: Buffer, isBinary: boolean): Frame {
    const value = parseJson(payload, isBinary);
    const fault = faultOf(value) ?? envelopeFault(value);
    if (fault) throw new UndecodableFrame(fault.code, fault.message, idOf(value));
    return value as Frame;
  }
}

/** Throws {@link UndecodableFrame} for what is no JSON in a text frame. */
export function parseJson(payload: Buffer, isBinary: boolean): unknown {
  if (isBinary) throw new UndecodableFrame(ErrorCode.BadFrame, 'Binary frames are not part of this protocol');
  try {
    return JSON.parse(payload.toString());
  } catch {
    throw new UndecodableFrame(ErrorCode.BadFrame, 'Not valid JSON');
  }
}

const ENVELOPE = new Set(['type', 'id', 'data']);
const MAX_TYPE_LENGTH = 64;
const MAX_ID_LENGTH = 128;

function envelopeFault(value: unknown): Fault | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { code: ErrorCode.BadFrame };
  const { type, id } = value as Record<string, unknown>;
  if (typeof type !== 'string' || type.length === 0 || type.length > MAX_TYPE_LENGTH) {
    return { code: ErrorCode.BadFrame, message: 'type must be a non-empty string' };
  }
  if (id !== undefined && !isId(id))
    return { code: ErrorCode.BadFrame, message: 'id must be a number or a short string' };
  for (const key in value) {
    if (!ENVELOPE.has(key))
      return { code: ErrorCode.BadFrame, message: 'Only type, id and data belong in a frame' };
  }
  return undefined;
}

/** A number beyond 2^53 would come back with other digits, as the id of another command. */
function isId(value: unknown): value is string | number {
  if (typeof value === 'number') return Math.abs(value) <= Number.MAX_SAFE_INTEGER;
  return typeof value === 'string' && value.length <= MAX_ID_LENGTH;
}

function idOf(value: unknown): Frame['id'] {
  const id = typeof value === 'object' && value !== null ? (value as { id?: unknown }).id : undefined;
  return isId(id) ? id : undefined;
}
