import { type ArgumentsHost, Catch, HttpException } from '@nestjs/common';
import { BaseWsExceptionFilter, WsException } from '@nestjs/websockets';

/** Nest's pipes throw what belongs to HTTP; a client of a gateway is to be told all the same. */
@Catch()
export class WsExceptionFilter extends BaseWsExceptionFilter {
  override catch(exception: unknown, host: ArgumentsHost): void {
    const isHttp = exception instanceof HttpException;
    // oxlint-disable-next-line promise/valid-params -- a filter, not a promise
    super.catch(isHttp ? new WsException(exception.getResponse()) : exception, host);
  }
}
