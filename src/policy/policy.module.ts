import { Module, type DynamicModule } from '@nestjs/common';
import { ModerationHook } from './moderation.hook.js';
import { ReachHook } from './reach.hook.js';

type Switch = 'contactsElsewhere' | 'moderation';

/** Before-hooks that settings switch on; without them no message pays for any. */
@Module({})
export class PolicyModule {
  /** `contactsElsewhere`: somebody else keeps the contacts; `moderation`: there is somebody to ask about messages. */
  static forRoot({ contactsElsewhere, moderation }: Record<Switch, boolean>): DynamicModule {
    return {
      module: PolicyModule,
      providers: [...(contactsElsewhere ? [ReachHook] : []), ...(moderation ? [ModerationHook] : [])],
    };
  }
}
