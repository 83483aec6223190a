import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';
import { ErrorSchema, REPLY_SCHEMAS } from './event-schemas.js';
import { packageVersion } from './package-version.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

/** What the REST counterparts of commands answer: the same as on the socket. */
const RESPONSES: Readonly<Record<string, z.ZodType>> = {
  Chat_list: REPLY_SCHEMAS['chat.sync'],
  Chat_history: REPLY_SCHEMAS['chat.history'],
  Chat_send: REPLY_SCHEMAS['chat.send'],
  Groups_create: REPLY_SCHEMAS['group.create'],
  Groups_list: REPLY_SCHEMAS['group.list'],
  Groups_get: REPLY_SCHEMAS['group.get'],
  Groups_update: REPLY_SCHEMAS['group.update'],
  Groups_dissolve: REPLY_SCHEMAS['group.dissolve'],
  Groups_members: REPLY_SCHEMAS['group.members'],
  Groups_add: REPLY_SCHEMAS['group.add'],
  Groups_join: REPLY_SCHEMAS['group.join'],
  Groups_leave: REPLY_SCHEMAS['group.leave'],
  Groups_accept: REPLY_SCHEMAS['group.accept'],
  Groups_decline: REPLY_SCHEMAS['group.decline'],
  Groups_request: REPLY_SCHEMAS['group.request'],
  Groups_invite: REPLY_SCHEMAS['group.invite'],
  Groups_approve: REPLY_SCHEMAS['group.approve'],
  Groups_reject: REPLY_SCHEMAS['group.reject'],
  Groups_remove: REPLY_SCHEMAS['group.remove'],
  Groups_ban: REPLY_SCHEMAS['group.ban'],
  Groups_unban: REPLY_SCHEMAS['group.unban'],
  Groups_transfer: REPLY_SCHEMAS['group.transfer'],
  Groups_unmute: REPLY_SCHEMAS['group.unmute'],
  Groups_role: REPLY_SCHEMAS['group.role'],
  Groups_mute: REPLY_SCHEMAS['group.mute'],
};

const HttpError = ErrorSchema.extend({ statusCode: z.int(), requestId: z.string().optional() });

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
  const operationIdFactory = (controller: string, method: string): string =>
    `${controller.replace(/Controller$/, '')}_${method}`;
  const document = SwaggerModule.createDocument(app, config, { operationIdFactory });
  for (const operation of operationsOf(document)) complete(operation);
  return document;
}

function operationsOf({ paths }: OpenAPIObject): Operation[] {
  return Object.values(paths).flatMap(({ get, post, put, patch, delete: remove }) =>
    [get, post, put, patch, remove].filter((operation) => operation !== undefined),
  );
}

/** What Nest cannot know: how answers look, that every error has one form, and that no header of ours is mandatory. */
function complete(operation: Operation): void {
  for (const parameter of operation.parameters ?? []) {
    if ('in' in parameter && parameter.in === 'header') parameter.required = false;
  }
  const reply = RESPONSES[operation.operationId ?? ''];
  const success = Object.entries(operation.responses).find(([status]) => status.startsWith('2'))?.[1];
  if (reply && success && !('$ref' in success)) success.content = jsonContent(reply);
  operation.responses.default ??= { description: 'Refused, with a code', content: jsonContent(HttpError) };
}

function jsonContent(schema: z.ZodType): { 'application/json': { schema: object } } {
  return { 'application/json': { schema: z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input' }) } };
}
