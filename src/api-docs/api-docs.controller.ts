import { Controller, Get, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { AppConfig } from '../config/index.js';
import { asyncApiDocument, type AsyncApiDocument } from './asyncapi-document.js';
import { CommandDiscovery } from './command-discovery.js';
import { packageVersion } from './package-version.js';

@ApiTags('operations')
@Controller()
export class ApiDocsController {
  constructor(
    private readonly commands: CommandDiscovery,
    private readonly config: AppConfig,
  ) {}

  /** The WebSocket commands and events in AsyncAPI 3.0. */
  @Get('asyncapi.json')
  asyncApi(@Req() request: Request): AsyncApiDocument {
    const { ws, http } = this.config;
    const host = request.headers.host ?? `${http.host}:${http.port}`;
    const target = { host, secure: request.secure, wsPath: ws.path };
    return asyncApiDocument(this.commands.all(), target, packageVersion());
  }
}
