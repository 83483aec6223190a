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
 * Port: one wire format on a socket. Stateless, so one instance serves every connection that speaks it, and an event is
 * encoded once per codec however many sockets get it.
 */
export interface Codec {
  readonly name: string;
  /** The complete WebSocket frame, header included, ready to be written. */
  encode(frame: Frame): Buffer;
  /** Throws {@link UndecodableFrame} (`bad_frame` or `too_deep`); never anything else. */
  decode(payload: Buffer, isBinary: boolean): Frame;
}
