import { Injectable, type Type } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { EXCEPTION_FILTERS_METADATA } from '@nestjs/common/internal';
import { GATEWAY_METADATA } from '@nestjs/websockets/internal';
import { WsExceptionFilter } from './ws-exception.filter.js';

/**
 * Puts our error filter behind whatever filters a gateway declares itself. Nest has no global filters for gateways
 * (APP_FILTER does not reach them), and its default one answers in a form of its own that echoes the input. Works in
 * the constructor: gateways are bound before any lifecycle hook runs.
 */
@Injectable()
export class GatewayFilters {
  constructor(discovery: DiscoveryService) {
    const filter = new WsExceptionFilter();
    for (const { metatype } of discovery.getProviders()) {
      if (!metatype || !Reflect.hasMetadata(GATEWAY_METADATA, metatype)) continue;
      const own: unknown[] = Reflect.getMetadata(EXCEPTION_FILTERS_METADATA, metatype as Type) ?? [];
      if (own.some((each) => each instanceof WsExceptionFilter)) continue;
      Reflect.defineMetadata(EXCEPTION_FILTERS_METADATA, [filter, ...own], metatype);
    }
  }
}
