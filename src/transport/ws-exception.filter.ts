import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { RookerySocket } from './rookery-socket.js';

/** Hands whatever a gateway threw to the command that is in hand on that socket; the session answers it. */
@Catch()
export class WsExceptionFilter implements ExceptionFilter {
  catch(exception: unknown, host: ArgumentsHost): void {
    host.switchToWs().getClient<RookerySocket>().session?.fail(exception);
  }
}
