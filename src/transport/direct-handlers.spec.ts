import {
  createParamDecorator,
  Injectable,
  Module,
  Scope,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
  type CanActivate,
  type ExecutionContext,
  type NestInterceptor,
  type PipeTransform,
  type Provider,
} from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR, APP_PIPE, DiscoveryModule } from '@nestjs/core';
import {
  BaseWsExceptionFilter,
  ConnectedSocket,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import { Test } from '@nestjs/testing';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { DirectHandlers, type DirectHandler } from './direct-handlers.js';
import { GatewayFilters } from './gateway-filters.js';
import { ControllerScope } from './controller-scope.js';
import { SchemaPipes } from './schema-pipes.js';

@Injectable()
class Open implements CanActivate {
  canActivate = () => true;
}
@Injectable()
class Same implements PipeTransform {
  transform = (value: unknown) => value;
}
@Injectable()
class Through implements NestInterceptor {
  intercept: NestInterceptor['intercept'] = (_context, next) => next.handle();
}

/** What decorators of one's own find in the context. */
const Seen = createParamDecorator((property: string, context: ExecutionContext) => ({
  property,
  type: context.getType(),
  class: context.getClass().name,
  handler: context.getHandler().name,
  client: context.switchToWs().getClient<unknown>(),
  data: context.switchToWs().getData<unknown>(),
  pattern: context.switchToWs().getPattern(),
}));
const Later = createParamDecorator(async () => 'later');
const Size = z.strictObject({ size: z.int().default(1) });

@WebSocketGateway()
class PlainGateway {
  private readonly name = 'plain';

  @SubscribeMessage('bare')
  bare(...args: unknown[]) {
    return [this.name, ...args];
  }
  @SubscribeMessage('mixed')
  mixed(@ConnectedSocket() client: unknown, _hole: unknown, @MessageBody() data: unknown) {
    return [this.name, client, _hole, data];
  }
  @SubscribeMessage('property')
  property(@MessageBody('size') size: unknown) {
    return size;
  }
  @SubscribeMessage('schema')
  schema(@MessageBody({ schema: Size }) body: unknown) {
    return body;
  }
  @SubscribeMessage('custom')
  custom(@Seen('it') seen: unknown) {
    return seen;
  }
  @SubscribeMessage('later')
  later(@Later() later: string, @MessageBody() data: unknown) {
    return [later, data];
  }
}

@WebSocketGateway({ path: '/other' })
class OtherGateway {
  @SubscribeMessage('other')
  other(): void {}
}

@WebSocketGateway()
class EnhancedGateway {
  @UseGuards(Open)
  @SubscribeMessage('guard')
  guard(): void {}
  @UsePipes(Same)
  @SubscribeMessage('pipe')
  pipe(): void {}
  @SubscribeMessage('parameter')
  parameter(@MessageBody(Same) data: unknown) {
    return data;
  }
  @UseInterceptors(Through)
  @SubscribeMessage('interceptor')
  interceptor(): void {}
  @UseFilters(BaseWsExceptionFilter)
  @SubscribeMessage('filter')
  filter(): void {}
}

@UseGuards(Open)
@WebSocketGateway()
class GuardedGateway {
  @SubscribeMessage('guarded')
  guarded(): void {}
}

@Injectable({ scope: Scope.REQUEST })
class PerRequest {}

@WebSocketGateway()
class ScopedGateway {
  constructor(readonly dependency: PerRequest) {}
  @SubscribeMessage('scoped')
  scoped(): void {}
}

@WebSocketGateway()
class RivalGateway {
  @SubscribeMessage('bare')
  bare(): void {}
}

async function handlersOf(providers: Provider[], path?: string) {
  @Module({
    imports: [DiscoveryModule],
    providers: [
      DirectHandlers,
      GatewayFilters,
      SchemaPipes,
      { provide: ControllerScope, useValue: new ControllerScope() },
      ...providers,
    ],
  })
  class GatewaysModule {}
  const module = await Test.createTestingModule({ imports: [GatewaysModule] }).compile();
  return module.get(DirectHandlers).of((options) => options.path === path);
}

describe(DirectHandlers.name, () => {
  const client = { name: 'client' };
  const call = async (command: string, data?: unknown): Promise<unknown> => {
    const handler = (await handlersOf([PlainGateway])).get(command) as DirectHandler;
    return handler(client, data);
  };

  it('gives a handler what Nest would', async () => {
    expect(await call('bare', 1)).toEqual(['plain', client, 1, 'bare']);
    expect(await call('mixed', 1)).toEqual(['plain', client, undefined, 1]);
    expect(await call('property', { size: 3 })).toBe(3);
    expect(await call('property')).toBeUndefined();
    expect(await call('later', 1)).toEqual(['later', 1]);
  });

  it('validates by the schema of a parameter', async () => {
    expect(await call('schema')).toEqual({ size: 1 });
    await expect(call('schema', { size: 'x' })).rejects.toMatchObject({ code: 'invalid' });
  });

  it('gives decorators of anybody the context that they know', async () => {
    expect(await call('custom', 1)).toEqual({
      property: 'it',
      type: 'ws',
      class: 'PlainGateway',
      handler: 'custom',
      client,
      data: 1,
      pattern: 'custom',
    });
  });

  it('knows the gateways of one path only', async () => {
    const providers = [PlainGateway, OtherGateway];
    expect([...(await handlersOf(providers, '/other')).keys()]).toEqual(['other']);
    expect([...(await handlersOf(providers)).keys()]).not.toContain('other');
  });

  it.each(['guard', 'pipe', 'parameter', 'interceptor', 'filter'])(
    'leaves a handler with a %s of its own to Nest',
    async (command) => {
      const handlers = await handlersOf([EnhancedGateway, Open, Same, Through]);
      expect(handlers.has(command)).toBe(true);
      expect(handlers.get(command)).toBeUndefined();
    },
  );

  it.each([
    ['of a gateway with a guard', [GuardedGateway, Open], 'guarded'],
    ['of a gateway that is made per connection', [ScopedGateway, PerRequest], 'scoped'],
    ['that two gateways have', [PlainGateway, RivalGateway], 'bare'],
    ['in an application with a guard', [PlainGateway, { provide: APP_GUARD, useClass: Open }], 'bare'],
    ['in an application with a pipe', [PlainGateway, { provide: APP_PIPE, useClass: Same }], 'bare'],
    ['with an interceptor around', [PlainGateway, { provide: APP_INTERCEPTOR, useClass: Through }], 'bare'],
  ] as [string, Provider[], string][])('leaves a handler %s to Nest', async (_what, providers, command) => {
    const handlers = await handlersOf(providers);
    expect(handlers.has(command)).toBe(true);
    expect(handlers.get(command)).toBeUndefined();
  });
});
