import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { Connection } from '../hub/index.js';
import { CurrentConnection } from '../transport/index.js';
import { PushDevicesService } from './push-devices.service.js';
import { PushRegister, PushUnregister } from './push.schema.js';

/** Devices say where they can be reached while they are away. */
@WebSocketGateway()
export class PushGateway {
  constructor(private readonly devices: PushDevicesService) {}

  @SubscribeMessage('push.register')
  register(
    @CurrentConnection() connection: Connection,
    @MessageBody({ schema: PushRegister }) command: PushRegister,
  ) {
    return this.devices.register(connection.userId, { device: connection.device, ...command });
  }

  @SubscribeMessage('push.unregister')
  unregister(
    @CurrentConnection() connection: Connection,
    @MessageBody({ schema: PushUnregister }) { id }: PushUnregister,
  ) {
    return this.devices.unregister(connection.userId, id);
  }

  @SubscribeMessage('push.list')
  list(@CurrentConnection() connection: Connection) {
    return this.devices.list(connection.userId);
  }
}
