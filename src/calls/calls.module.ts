import { Global, Module } from '@nestjs/common';
import { CallLog } from './call-log.js';
import { CallGateway } from './call.gateway.js';
import { CallService } from './call.service.js';

@Global()
@Module({ providers: [CallGateway, CallLog, CallService], exports: [CallService] })
export class CallsModule {}
