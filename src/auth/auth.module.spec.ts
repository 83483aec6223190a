import 'reflect-metadata';
import { Controller, Get, UseGuards } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { expect, it } from 'vitest';
import { FAMILIES } from '../../test/support/signed-tokens.js';
import { type AppConfig, ConfigModule } from '../config/index.js';
import {
  AuthFailureLimiter,
  AuthGuard,
  AuthModule,
  Roles,
  RolesGuard,
  TokenIssuer,
  TokenVerifier,
} from './index.js';

@Controller()
@UseGuards(AuthGuard, RolesGuard)
class AdminController {
  @Get('admin') @Roles('admin') admin() {
    return 'ok';
  }
}

it('gives its guards and ports to every room', async () => {
  const jwt = { key: FAMILIES['HS256']!.key, userClaims: ['sub'], leeway: 5, requireExpiry: false };
  const module = await Test.createTestingModule({
    imports: [ConfigModule.forRoot({ jwt } as unknown as AppConfig), AuthModule],
    controllers: [AdminController],
  }).compile();
  for (const token of [TokenVerifier, TokenIssuer, AuthFailureLimiter, AuthGuard, RolesGuard]) {
    expect(module.get(token as typeof TokenIssuer, { strict: false })).toBeInstanceOf(token);
  }
  await module.close();
});
