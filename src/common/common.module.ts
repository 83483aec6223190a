import { Global, Module } from '@nestjs/common';
import { EventBus } from './event-bus.js';
import { ShutdownState } from './shutdown-state.js';

@Global()
@Module({ providers: [EventBus, ShutdownState], exports: [EventBus, ShutdownState] })
export class CommonModule {}
