import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { packageVersion } from './package-version.js';

/** Mounts the OpenAPI page at `/docs` and its JSON at `/docs-json`; everything it shows is served from here. */
export function setupOpenApi(app: INestApplication): void {
  SwaggerModule.setup('docs', app, () => openApiDocument(app), {
    customSiteTitle: 'Rookery API',
    swaggerOptions: { persistAuthorization: true, validatorUrl: null },
  });
}

export function openApiDocument(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Rookery HTTP API')
    .setDescription('The WebSocket is described in /asyncapi.json.')
    .setVersion(packageVersion())
    .setLicense('MIT', 'https://spdx.org/licenses/MIT.html')
    .addBearerAuth()
    .build();
  return SwaggerModule.createDocument(app, config, {
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}_${method}`,
  });
}
