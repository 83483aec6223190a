import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { Connection } from '../hub/index.js';
import { CurrentConnection } from '../transport/index.js';
import { CallOffer, CallPayload, CallRef, CallReject, CallSignal } from './call.schema.js';
import { CallService } from './call.service.js';

@WebSocketGateway()
export class CallGateway {
  constructor(private readonly calls: CallService) {}

  @SubscribeMessage('call.offer')
  offer(@CurrentConnection() connection: Connection, @MessageBody({ schema: CallOffer }) offer: CallOffer) {
    return this.calls.offer(connection, offer);
  }

  @SubscribeMessage('call.answer')
  answer(
    @CurrentConnection() connection: Connection,
    @MessageBody({ schema: CallPayload }) { call, payload }: CallPayload,
  ) {
    return this.calls.answer(connection, call, payload);
  }

  @SubscribeMessage('call.candidate')
  candidate(
    @CurrentConnection() connection: Connection,
    @MessageBody({ schema: CallPayload }) { call, payload }: CallPayload,
  ) {
    return this.calls.candidate(connection, call, payload);
  }

  @SubscribeMessage('call.ringing')
  ringing(@CurrentConnection() connection: Connection, @MessageBody({ schema: CallRef }) { call }: CallRef) {
    return this.calls.ringing(connection, call);
  }

  @SubscribeMessage('call.reject')
  reject(
    @CurrentConnection() connection: Connection,
    @MessageBody({ schema: CallReject }) { call, reason }: CallReject,
  ) {
    return this.calls.reject(connection, call, reason);
  }

  @SubscribeMessage('call.hangup')
  hangup(@CurrentConnection() connection: Connection, @MessageBody({ schema: CallRef }) { call }: CallRef) {
    return this.calls.hangup(connection, call);
  }

  @SubscribeMessage('call.resume')
  resume(@CurrentConnection() connection: Connection, @MessageBody({ schema: CallRef }) { call }: CallRef) {
    return this.calls.resume(connection, call);
  }

  @SubscribeMessage('call.signal')
  signal(
    @CurrentConnection() { userId }: Connection,
    @MessageBody({ schema: CallSignal }) { to, payload }: CallSignal,
  ) {
    return this.calls.signal(userId, to, payload);
  }
}
