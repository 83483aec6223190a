import { Global, Module } from '@nestjs/common';
import { APP_FILTER, DiscoveryModule } from '@nestjs/core';
import { BeforeConnectHooks } from './before-connect.js';
import { CommandLimiter } from './command-limiter.js';
import { DirectHandlers } from './direct-handlers.js';
import { Drain } from './drain.js';
import { GatewayFilters } from './gateway-filters.js';
import { GatewayHooks } from './gateway-hooks.js';
import { Heartbeat } from './heartbeat.js';
import { HttpExceptionFilter } from './http-exception.filter.js';
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
    { provide: APP_FILTER, useClass: HttpExceptionFilter },
    BeforeConnectHooks,
    CommandLimiter,
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
  exports: [CommandLimiter, SessionManager, UpgradeHandler],
})
export class TransportModule {}
