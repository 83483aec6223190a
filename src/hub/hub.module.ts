import { Global, Module } from '@nestjs/common';
import { EventPresenters } from './event-presenters.js';
import { HubService } from './hub.service.js';
import { MembershipEffects } from './membership-effects.js';

@Global()
@Module({
  providers: [HubService, EventPresenters, MembershipEffects],
  exports: [HubService, EventPresenters, MembershipEffects],
})
export class HubModule {}
