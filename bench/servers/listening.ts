import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ready } from '../lib/rpc.js';

/** An HTTP server on a free port that has told the bench so. */
export async function listening(server: Server = createServer()): Promise<Server> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ready({ port: (server.address() as AddressInfo).port });
  return server;
}
