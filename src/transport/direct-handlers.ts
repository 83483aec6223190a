import { Injectable, type ArgumentMetadata, type ExecutionContext, type Type } from '@nestjs/common';
import {
  EXCEPTION_FILTERS_METADATA,
  GUARDS_METADATA,
  INTERCEPTORS_METADATA,
  PIPES_METADATA,
} from '@nestjs/common/internal';
import { ApplicationConfig, DiscoveryService, MetadataScanner } from '@nestjs/core';
import { ContextUtils } from '@nestjs/core/internal';
import {
  GATEWAY_METADATA,
  GATEWAY_OPTIONS,
  MESSAGE_METADATA,
  PARAM_ARGS_METADATA,
} from '@nestjs/websockets/internal';
import { SchemaPipe } from './schema.pipe.js';
import { SettledReplies } from './settled-replies.js';
import { isThenable } from './thenable.js';
import { WsExceptionFilter } from './ws-exception.filter.js';

/** A handler of one command, given the client and the data. */
export type DirectHandler = (client: unknown, data: unknown) => unknown;

/** What Nest calls the handler of a message with: client, data, name. */
type Given = [client: unknown, data: unknown, command: string];
type Source = (given: Given) => unknown;
type Method = (...args: unknown[]) => unknown;
type Fields = Record<string, unknown> | null | undefined;

/** What a parameter decorator left behind. */
interface Parameter {
  index: number;
  data?: unknown;
  pipes?: readonly unknown[];
  schema?: ArgumentMetadata['schema'];
  factory?: (data: unknown, context: ExecutionContext) => unknown;
}

/** Of `WsParamtype`, which Nest does not export: how the keys of PARAM_ARGS_METADATA begin. */
const SOCKET = '0';
const PAYLOAD = '3';

const ENHANCERS = [GUARDS_METADATA, PIPES_METADATA, INTERCEPTORS_METADATA, EXCEPTION_FILTERS_METADATA];

/**
 * The handlers around which Nest would have nothing to do: no guard, pipe, interceptor or filter, neither their own nor
 * of the whole application, only parameters to fill in. They are called straight away, without the dozen promises
 * that it takes Nest to find that out for every frame. A handler that has anything else is called by Nest.
 */
@Injectable()
export class DirectHandlers {
  private readonly utils = new ContextUtils();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly application: ApplicationConfig,
  ) {}

  /**
   * By every command of the gateways whose options are meant; undefined: Nest has to call it. To be asked when the
   * application is put together, as late as Nest looks itself.
   */
  of(isMeant: (options: { path?: string }) => boolean): ReadonlyMap<string, DirectHandler | undefined> {
    this.settleReplies();
    const found = new Map<string, DirectHandler | undefined>();
    for (const { wrapper, name, method } of this.methods(isMeant)) {
      const command: unknown = Reflect.getMetadata(MESSAGE_METADATA, method);
      if (typeof command !== 'string') continue;
      const isPlain = wrapper.isDependencyTreeStatic() && !this.isEnhanced(wrapper.metatype as Type, method);
      // Of two gateways with the same command Nest takes one, and which is its own affair.
      const isDirect = isPlain && !found.has(command);
      found.set(
        command,
        isDirect ? this.direct(wrapper.instance as object, name, method, command) : undefined,
      );
    }
    return found;
  }

  private settleReplies(): void {
    const interceptors = this.application.getGlobalInterceptors();
    const all = [...interceptors, ...this.application.getGlobalRequestInterceptors()];
    if (all.length > 0 && !interceptors.some((each) => each instanceof SettledReplies))
      this.application.addGlobalInterceptor(new SettledReplies());
  }

  private methods(isMeant: (options: { path?: string }) => boolean) {
    return this.discovery
      .getProviders()
      .filter(({ metatype }) => metatype && Reflect.hasMetadata(GATEWAY_METADATA, metatype))
      .filter(({ metatype }) => isMeant(Reflect.getMetadata(GATEWAY_OPTIONS, metatype as Type) ?? {}))
      .flatMap((wrapper) => {
        const prototype = (wrapper.metatype as Type).prototype as Record<string, Method>;
        const names = this.scanner.getAllMethodNames(prototype);
        return names.map((name) => ({ wrapper, name, method: prototype[name] as Method }));
      });
  }

  private isEnhanced(gateway: Type, method: Method): boolean {
    const { application } = this;
    const everywhere = [
      application.getGlobalGuards(),
      application.getGlobalRequestGuards(),
      application.getGlobalPipes(),
      application.getGlobalRequestPipes(),
      application.getGlobalInterceptors(),
      application.getGlobalRequestInterceptors(),
    ];
    const own = ENHANCERS.flatMap((key) => [
      Reflect.getMetadata(key, gateway) ?? [],
      Reflect.getMetadata(key, method) ?? [],
    ]);
    return [...everywhere, ...own].flat().some((each) => !(each instanceof WsExceptionFilter));
  }

  private direct(instance: object, name: string, method: Method, command: string): DirectHandler | undefined {
    const sources = this.sourcesOf(instance, name, method);
    if (!sources) return undefined;
    if (sources.length === 0) return (client, data) => method.call(instance, client, data, command);
    return (client, data) => {
      const given: Given = [client, data, command];
      const args = sources.map((source) => source(given));
      return args.some(isThenable)
        ? Promise.all(args).then((awaited) => method.apply(instance, awaited))
        : method.apply(instance, args);
    };
  }

  /** Where each parameter comes from; undefined: from somewhere that only Nest knows. */
  private sourcesOf(instance: object, name: string, method: Method): Source[] | undefined {
    const parameters: Record<string, Parameter> =
      this.utils.reflectCallbackMetadata(instance, name, PARAM_ARGS_METADATA) ?? {};
    const contextOf = this.utils.getContextFactory('ws', instance, method);
    const sources: Source[] = [];
    for (const [key, parameter] of Object.entries(parameters)) {
      const source = sourceOf(this.utils.mapParamType(key), parameter, contextOf);
      if (!source) return undefined;
      sources[parameter.index] = source;
    }
    return Array.from(sources, (source) => source ?? (() => undefined));
  }
}

function sourceOf(
  type: string,
  { factory, data: property, pipes = [], schema }: Parameter,
  contextOf: (given: Given) => ExecutionContext,
): Source | undefined {
  const [pipe, ...others] = pipes;
  if (others.length > 0 || (pipe !== undefined && !(pipe instanceof SchemaPipe))) return undefined;
  // A schema at a parameter of somebody's own making says nothing: SchemaPipe leaves those alone.
  if (factory) return (given) => factory(property, contextOf(given));
  if (type === SOCKET) return ([client]) => client;
  if (type !== PAYLOAD) return undefined;
  const value: Source = property ? ([, data]) => (data as Fields)?.[property as string] : ([, data]) => data;
  return pipe ? (given) => pipe.transform(value(given), { type: 'body', schema }) : value;
}
