import { Injectable, type PipeTransform } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { GATEWAY_METADATA, PARAM_ARGS_METADATA } from '@nestjs/websockets/internal';
import { ControllerScope } from './controller-scope.js';
import { SchemaPipe } from './schema.pipe.js';

interface Parameter {
  schema?: unknown;
  pipes: unknown[];
}

/**
 * Gives {@link SchemaPipe} to every parameter with a schema, of gateways and of controllers. A global pipe would do the
 * same, but Nest takes each parameter without a schema through it as well, with several promises for every frame.
 * Works in the constructor, like {@link GatewayFilters}.
 */
@Injectable()
export class SchemaPipes {
  private readonly pipe: PipeTransform = new SchemaPipe();

  constructor(
    discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    scope: ControllerScope,
  ) {
    for (const { metatype } of discovery.getControllers()) if (scope.includes(metatype)) this.give(metatype);
    for (const { metatype } of discovery.getProviders())
      if (metatype && Reflect.hasMetadata(GATEWAY_METADATA, metatype)) this.give(metatype);
  }

  private give(type: Function | null): void {
    if (!type) return;
    for (const method of this.scanner.getAllMethodNames(type.prototype as object)) {
      // Controllers keep theirs under the same key.
      const parameters: Record<string, Parameter> =
        Reflect.getMetadata(PARAM_ARGS_METADATA, type, method) ?? {};
      for (const parameter of Object.values(parameters))
        if (parameter.schema !== undefined && !parameter.pipes.some((each) => each instanceof SchemaPipe))
          parameter.pipes.unshift(this.pipe);
    }
  }
}
