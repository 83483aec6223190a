import { Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import {
  GATEWAY_METADATA,
  GATEWAY_OPTIONS,
  MESSAGE_METADATA,
  PARAM_ARGS_METADATA,
} from '@nestjs/websockets/internal';
import { AppConfig } from '../config/index.js';

/** A command that some gateway of this application takes. */
export interface DiscoveredCommand {
  name: string;
  /** Path of the gateway's endpoint. */
  path: string;
  /** What `@MessageBody({ schema })` was given; undefined: the command has no `data`. */
  schema?: unknown;
}

/** Index in the keys of PARAM_ARGS_METADATA that Nest gives to a message's body (`WsParamtype.PAYLOAD`). */
const PAYLOAD = 3;

/** Finds the commands of every gateway, also of those that an extension brought, by the decorators that bind them. */
@Injectable()
export class CommandDiscovery {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly config: AppConfig,
  ) {}

  all(): DiscoveredCommand[] {
    return this.gateways().flatMap((gateway) => this.commandsOf(gateway));
  }

  private gateways(): Function[] {
    const types = this.discovery.getProviders().map(({ metatype }) => metatype as Function | null);
    return [...new Set(types)].filter(
      (type): type is Function => !!type && Reflect.hasMetadata(GATEWAY_METADATA, type),
    );
  }

  private commandsOf(gateway: Function): DiscoveredCommand[] {
    const prototype = gateway.prototype as Record<string, object>;
    return this.scanner.getAllMethodNames(prototype).flatMap((method) => {
      const name: unknown = Reflect.getMetadata(MESSAGE_METADATA, prototype[method] ?? {});
      return typeof name === 'string'
        ? [{ name, path: this.pathOf(gateway), schema: schemaOf(gateway, method) }]
        : [];
    });
  }

  private pathOf(gateway: Function): string {
    const { path } = (Reflect.getMetadata(GATEWAY_OPTIONS, gateway) ?? {}) as { path?: string };
    return path ? `/${path.replace(/^\/+|\/+$/g, '')}` : this.config.ws.path;
  }
}

function schemaOf(gateway: Function, method: string): unknown {
  const parameters = (Reflect.getMetadata(PARAM_ARGS_METADATA, gateway, method) ?? {}) as Record<
    string,
    { schema?: unknown }
  >;
  return Object.entries(parameters).find(([key]) => key.startsWith(`${PAYLOAD}:`))?.[1].schema;
}
