import { Global, Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, DiscoveryModule } from '@nestjs/core';
import { AddressBlockList } from './address-block-list.js';
import { BeforeConnectHooks } from './before-connect.js';
import { CommandLimiter } from './command-limiter.js';
import { ControllerFilters, ControllerScope } from './controller-scope.js';
import { DirectHandlers } from './direct-handlers.js';
import { Drain } from './drain.js';
import { GatewayFilters } from './gateway-filters.js';
import { GatewayHooks } from './gateway-hooks.js';
import { Heartbeat } from './heartbeat.js';
import { AppErrorFilter, HttpExceptionFilter } from './http-exception.filter.js';
import { SchemaPipes } from './schema-pipes.js';
import { SessionGateway } from './session.gateway.js';
import { SessionManager } from './session-manager.js';
import { TokenRenewal } from './token-renewal.js';
import { TransportBounds } from './transport-bounds.js';
import { UpgradeHandler } from './upgrade-handler.js';

@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [
    AddressBlockList,
    BeforeConnectHooks,
    CommandLimiter,
    ControllerFilters,
    DirectHandlers,
    Drain,
    GatewayFilters,
    GatewayHooks,
    Heartbeat,
    SchemaPipes,
    SessionGateway,
    SessionManager,
    TokenRenewal,
    TransportBounds,
    UpgradeHandler,
  ],
  exports: [AddressBlockList, CommandLimiter, SessionManager, UpgradeHandler],
})
export class TransportModule {
  /** `own`: our controllers, where others belong to somebody else and stay as they are; absent: all are ours. */
  static forRoot(own?: ReadonlySet<unknown>): DynamicModule {
    return {
      module: TransportModule,
      providers: [
        { provide: ControllerScope, useValue: new ControllerScope(own) },
        { provide: APP_FILTER, useClass: own ? AppErrorFilter : HttpExceptionFilter },
      ],
    };
  }
}
