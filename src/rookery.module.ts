import {
  ConfigurableModuleBuilder,
  Inject,
  Module,
  type DynamicModule,
  type INestApplication,
  type MiddlewareConsumer,
  type NestModule,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import { MODULE_METADATA } from '@nestjs/common/internal';
import { ApplicationConfig, HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import { partsOf, roomsOf, type Parts, type Ports } from './app.module.js';
import { AppConfig, ConfigError, loadOptions, type RookeryOptions } from './config/index.js';
import { Metrics, httpMetrics } from './metrics/index.js';
import {
  AddressBlockList,
  FILES_PATH,
  RookeryWsAdapter,
  hideFromParsers,
  refuseBlocked,
  requirePlainJson,
  requireUpgrade,
  showToOurselves,
} from './transport/index.js';

/** What {@link RookeryModule.forRootAsync} cannot learn from its factory: it is asked when the modules are there already. */
export interface RookeryExtras extends Ports {
  /** Whether the options have a `contactsUrl` and a `moderationUrl`. Default: neither. */
  parts?: Partial<Pick<Parts, 'contactsUrl' | 'moderation'>>;
}

const OWN_CONTROLLERS = Symbol('OWN_CONTROLLERS');
/** Settings of the servers that are attached. */
const ATTACHED = new WeakSet<AppConfig>();
const NO_EXTRAS: RookeryExtras = { contactDirectory: undefined, parts: undefined };

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN, ASYNC_OPTIONS_TYPE } =
  new ConfigurableModuleBuilder<RookeryOptions>({ moduleName: 'Rookery' })
    .setClassMethodName('forRoot')
    .setExtras(NO_EXTRAS, withRooms)
    .build();

/** Options whose factory may inject; with `contactsUrl` or `moderationUrl` among them {@link RookeryExtras} say so. */
export type RookeryAsyncOptions = typeof ASYNC_OPTIONS_TYPE;

/**
 * Rookery as a guest in an application of yours, on its HTTP server: import it once, in the root module, and call
 * {@link attachRookery}. Its services can be injected everywhere. Your controllers, pipes, filters and log stay as they
 * are; of your gateways, {@link RookeryWsAdapter} makes authenticated ones.
 */
@Module({})
export class RookeryModule extends ConfigurableModuleClass implements NestModule, OnModuleInit {
  constructor(
    private readonly addresses: AddressBlockList,
    private readonly metrics: Metrics,
    @Inject(OWN_CONTROLLERS) private readonly controllers: Type[],
    private readonly http: HttpAdapterHost,
    private readonly application: ApplicationConfig,
  ) {
    super();
  }

  /** @throws ConfigError that names every wrong option by its variable. */
  static override forRoot(options: RookeryOptions & Ports = {}): DynamicModule {
    const { contactDirectory, ...settings } = options;
    return super.forRoot({ ...settings, contactDirectory, parts: partsOf(loadOptions(settings)) });
  }

  /** The start rejects with ConfigError when an option is wrong, or the parts are not as the options ask for. */
  static override forRootAsync(options: RookeryAsyncOptions): DynamicModule {
    return super.forRootAsync(options);
  }

  /** @throws Error when gateways would be served by an adapter that authenticates nobody. */
  onModuleInit(): void {
    // No HTTP server, no sockets: an application context, or a module under test.
    const served = this.http.httpAdapter?.getHttpServer?.() !== undefined;
    if (served && !(this.application.getIoAdapter() instanceof RookeryWsAdapter))
      throw new Error(
        'Call attachRookery(app) before the application starts, and set no WebSocket adapter after it: with another one its gateways would be open to anybody',
      );
  }

  configure(consumer: MiddlewareConsumer): void {
    consumer
      .apply(refuseBlocked(this.addresses), showToOurselves(), requirePlainJson(), httpMetrics(this.metrics))
      .forRoutes(...this.controllers);
  }
}

/**
 * Puts the WebSocket endpoints of a {@link RookeryModule} on the HTTP server of its application. To be called once,
 * before `app.init` and `app.listen`.
 *
 * @throws Error when the application does not run on Express, or it was called before.
 */
export function attachRookery(app: INestApplication): void {
  if (app.getHttpAdapter().getType() !== 'express')
    throw new Error('Rookery needs an application on Express (@nestjs/platform-express)');
  const config = app.get(AppConfig);
  if (ATTACHED.has(config)) throw new Error('attachRookery was called for this application already');
  ATTACHED.add(config);
  app.use(requireUpgrade(config));
  app.use(FILES_PATH, hideFromParsers());
  app.useWebSocketAdapter(new RookeryWsAdapter(app));
}

function withRooms(definition: DynamicModule, { contactDirectory, parts }: RookeryExtras): DynamicModule {
  const chosen: Parts = { chatPage: false, contactsUrl: false, moderation: false, ...parts };
  const ports: Ports = { contactDirectory };
  const own = new Set(roomsOf(chosen, ports).flatMap(controllersOf));
  // Everything else needs the settings, so nothing is made twice before this is found out.
  const config = (options: RookeryOptions, modules: ModulesContainer): AppConfig => {
    const imported = [...modules.values()].filter(({ metatype }) => metatype === RookeryModule);
    if (imported.length > 1) throw new Error('Import RookeryModule once: each import is a server of its own');
    return withParts(loadOptions(options), chosen);
  };
  return {
    ...definition,
    global: true,
    imports: [...(definition.imports ?? []), ...roomsOf(chosen, ports, own)],
    providers: [
      ...(definition.providers ?? []),
      { provide: AppConfig, useFactory: config, inject: [MODULE_OPTIONS_TOKEN, ModulesContainer] },
      { provide: OWN_CONTROLLERS, useValue: [...own] },
    ],
    exports: [AppConfig],
  };
}

function controllersOf(room: Type | DynamicModule): Type[] {
  const [module, given] = 'module' in room ? [room.module, room.controllers ?? []] : [room, []];
  const declared: Type[] = Reflect.getMetadata(MODULE_METADATA.CONTROLLERS, module) ?? [];
  return [...declared, ...given];
}

const VARIABLES = { contactsUrl: 'CONTACTS_URL', moderation: 'MODERATION_URL' } as const;

function withParts(config: AppConfig, chosen: Parts): AppConfig {
  const asked = partsOf(config);
  const wrong = (['contactsUrl', 'moderation'] as const).filter((part) => asked[part] !== chosen[part]);
  if (wrong.length === 0) return config;
  const reason = (part: keyof typeof VARIABLES): string =>
    `${asked[part] ? 'is' : 'is not'} set: say parts: { ${part}: ${asked[part]} } beside the factory`;
  throw new ConfigError(wrong.map((part) => ({ variable: VARIABLES[part], reason: reason(part) })));
}
