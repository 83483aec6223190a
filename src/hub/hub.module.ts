import { Global, Module } from '@nestjs/common';
import { EventPresenters } from './event-presenters.js';
import { HubService } from './hub.service.js';

@Global()
@Module({ providers: [HubService, EventPresenters], exports: [HubService, EventPresenters] })
export class HubModule {}
