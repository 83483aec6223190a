import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { Connection } from '../hub/index.js';
import { CurrentConnection } from '../transport/index.js';
import { SearchMessages } from './search.schema.js';
import { SearchService } from './search.service.js';

@WebSocketGateway()
export class SearchGateway {
  constructor(private readonly search: SearchService) {}

  @SubscribeMessage('search.messages')
  messages(
    @CurrentConnection() connection: Connection,
    @MessageBody({ schema: SearchMessages }) request: SearchMessages,
  ) {
    return this.search.messages(connection.userId, request);
  }
}
