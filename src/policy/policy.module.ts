import { Module, type DynamicModule } from '@nestjs/common';
import type { AppConfig } from '../config/index.js';
import { ModerationHook } from './moderation.hook.js';
import { ReachHook } from './reach.hook.js';

/** Before-hooks that settings switch on; without them no message pays for any. */
@Module({})
export class PolicyModule {
  static forRoot({ contacts, policy }: AppConfig): DynamicModule {
    return {
      module: PolicyModule,
      providers: [...(contacts ? [ReachHook] : []), ...(policy.moderation ? [ModerationHook] : [])],
    };
  }
}
