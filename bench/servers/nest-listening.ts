import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import type { INestApplication } from '@nestjs/common';
import { ready } from '../lib/rpc.js';

/** Serves on a free port and tells the bench. */
export async function nestListening(app: INestApplication): Promise<void> {
  await app.listen(0, '127.0.0.1');
  ready({ port: ((app.getHttpServer() as Server).address() as AddressInfo).port });
}
