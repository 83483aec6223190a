import type { ErrorCode, Frame } from '@rookery/protocol';
import { AppError } from '../common/index.js';

/** A payload that is no frame; carries the command's id if that could be made out, so that the refusal finds it. */
export class UndecodableFrame extends AppError {
  constructor(
    code: ErrorCode,
    message?: string,
    readonly frameId?: Frame['id'],
  ) {
    super(code, { message });
  }
}

/**
 * Port: one wire format, written. Stateless, so one instance serves every connection that speaks it, and an event is
 * encoded once per encoder however many sockets get it.
 */
export interface Encoder {
  readonly name: string;
  /** The complete WebSocket frame, header included, ready to be written; none, or several, where formats differ that much. */
  encode(frame: Frame): Buffer;
}

/** Port: one wire format on a socket, both ways. */
export interface Codec extends Encoder {
  /** Throws {@link UndecodableFrame} (`bad_frame` or `too_deep`); never anything else. */
  decode(payload: Buffer, isBinary: boolean): Frame;
}
