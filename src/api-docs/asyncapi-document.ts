import { z } from 'zod';
import { PROTOCOL_VERSION, SUBPROTOCOL, type EventName } from '@rookery/protocol';
import type { DiscoveredCommand } from './command-discovery.js';
import { ErrorSchema, EVENT_SCHEMAS, REPLY_SCHEMAS, REPLY_TYPES } from './event-schemas.js';
import { toComponents, type JsonSchema, type NamedSchemas } from './json-schema.js';

/** Where clients reach this server. */
export interface AsyncApiTarget {
  /** Host and port. */
  host: string;
  secure: boolean;
  /** Path of the native endpoint: where the events are. */
  wsPath: string;
}

export interface AsyncApiDocument extends JsonSchema {
  asyncapi: string;
  channels: Record<string, Channel>;
  operations: Record<string, JsonSchema>;
  components: { schemas: NamedSchemas; messages: Record<string, JsonSchema>; securitySchemes: JsonSchema };
}

interface Channel extends JsonSchema {
  messages: Record<string, Reference>;
}

interface Reference {
  $ref: string;
}

const EVENTS = Object.keys(EVENT_SCHEMAS) as EventName[];
const FRAME_ID = {
  type: ['string', 'number'],
  description: 'Chosen by the client, echoed in the reply',
};
const ref = (path: string): Reference => ({ $ref: `#/${path}` });
const schemaRef = (name: string): Reference => ref(`components/schemas/${name}`);

/** Describes this installation's WebSocket in AsyncAPI 3.0, out of the schemas that its gateways validate with. */
export function asyncApiDocument(
  commands: readonly DiscoveredCommand[],
  target: AsyncApiTarget,
  version: string,
): AsyncApiDocument {
  const document = skeleton(target, version);
  for (const name of EVENTS) addEvent(document, name, target.wsPath);
  addSchemas(document, 'error.data', ErrorSchema);
  addMessage(document, 'error', 'A command was refused', frame('error', schemaRef('error.data'), true));
  for (const command of commands) addCommand(document, command);
  return document;
}

function skeleton({ host, secure, wsPath }: AsyncApiTarget, version: string): AsyncApiDocument {
  return {
    asyncapi: '3.0.0',
    id: 'urn:rookery:websocket',
    info: {
      title: 'Rookery WebSocket API',
      version,
      description: `Protocol ${PROTOCOL_VERSION} (sub-protocol ${SUBPROTOCOL}): JSON text frames {type, id?, data?}. What the schemas cannot say (order, retries, catching up) is in docs/protocol.md.`,
      license: { name: 'MIT', url: 'https://spdx.org/licenses/MIT.html' },
      tags: [{ name: 'chat' }],
    },
    defaultContentType: 'application/json',
    servers: {
      self: {
        host,
        protocol: secure ? 'wss' : 'ws',
        description: 'This server',
        security: [ref('components/securitySchemes/bearer'), ref('components/securitySchemes/queryToken')],
      },
    },
    channels: { [channelKey(wsPath)]: channel(wsPath) },
    operations: {},
    components: { schemas: {}, messages: {}, securitySchemes: securitySchemes() },
  };
}

function securitySchemes(): JsonSchema {
  return {
    bearer: {
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description:
        'Authorization header; browsers offer the sub-protocol bearer.<token>; or the first frame is auth',
    },
    queryToken: {
      type: 'httpApiKey',
      name: 'token',
      in: 'query',
      description: 'Only where WS_QUERY_TOKEN is true',
    },
  };
}

function channel(address: string): Channel {
  const query = {
    type: 'object',
    properties: {
      device: { type: 'string' },
      platform: { type: 'string' },
      sync: { enum: ['push', 'self'] },
    },
  };
  return {
    address,
    title: address,
    messages: {},
    bindings: { ws: { method: 'GET', query, bindingVersion: '0.1.0' } },
  };
}

function addEvent(document: AsyncApiDocument, name: EventName, path: string): void {
  addSchemas(document, `${name}.data`, EVENT_SCHEMAS[name]);
  addMessage(document, name, `Event ${name}`, frame(name, schemaRef(`${name}.data`), false));
  document.operations[`send.${name}`] = {
    action: 'send',
    channel: ref(`channels/${channelKey(path)}`),
    messages: [inChannel(document, path, name)],
  };
}

function addCommand(document: AsyncApiDocument, { name, path, schema }: DiscoveredCommand): void {
  const command = `command.${name}`;
  if (schema !== undefined) addSchemas(document, `${command}.data`, schema);
  const data = schema === undefined ? undefined : schemaRef(`${command}.data`);
  const payload = frame(name, data, true);
  if (takesNothing(schema)) payload.required = ['type'];
  addMessage(document, command, `Command ${name}`, payload);
  document.operations[`receive.${name}`] = {
    action: 'receive',
    channel: ref(`channels/${channelKey(path)}`),
    messages: [inChannel(document, path, command)],
    reply: {
      channel: ref(`channels/${channelKey(path)}`),
      messages: [inChannel(document, path, addReply(document, name)), inChannel(document, path, 'error')],
    },
  };
}

/** Whether `data` may be missing: the server takes that for an empty object. */
function takesNothing(schema: unknown): boolean {
  return schema instanceof z.ZodType && schema.safeParse({}).success;
}

/** A command of an extension answers with whatever its gateway returns, which no schema declares. */
function addReply(document: AsyncApiDocument, name: string): string {
  const schema = (REPLY_SCHEMAS as Record<string, unknown>)[name];
  const reply = `reply.${name}`;
  addSchemas(document, `${reply}.data`, schema);
  addMessage(
    document,
    reply,
    `Reply to ${name}`,
    frame(REPLY_TYPES[name] ?? 'ok', schemaRef(`${reply}.data`), true),
  );
  return reply;
}

function frame(type: string, data: Reference | undefined, withId: boolean): JsonSchema {
  return {
    type: 'object',
    required: data ? ['type', 'data'] : ['type'],
    properties: { type: { const: type }, ...(withId && { id: FRAME_ID }), ...(data && { data }) },
  };
}

function addSchemas(document: AsyncApiDocument, name: string, schema: unknown): void {
  Object.assign(document.components.schemas, toComponents(name, schema));
}

function addMessage(document: AsyncApiDocument, name: string, title: string, payload: JsonSchema): void {
  document.components.messages[name] = { name, title, contentType: 'application/json', payload };
}

/** Puts a message into a channel, once, and refers to it there: operations may only name their channel's messages. */
function inChannel(document: AsyncApiDocument, path: string, message: string): Reference {
  const key = channelKey(path);
  const found = (document.channels[key] ??= channel(path));
  found.messages[message] = ref(`components/messages/${message}`);
  return ref(`channels/${key}/messages/${message}`);
}

function channelKey(path: string): string {
  return path.replace(/^\//, '').replace(/[^\w-]/g, '-') || 'root';
}
