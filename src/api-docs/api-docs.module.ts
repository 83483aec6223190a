import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { ApiDocsController } from './api-docs.controller.js';
import { CommandDiscovery } from './command-discovery.js';

@Module({ imports: [DiscoveryModule], controllers: [ApiDocsController], providers: [CommandDiscovery] })
export class ApiDocsModule {}
