import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ServiceRequest {
  method: string;
  url: URL;
  headers: IncomingHttpHeaders;
  body: string;
}

/** What the service says; undefined: it never answers. */
export type ServiceAnswer = { status?: number; body: unknown; headers?: Record<string, string> } | undefined;

/** Another service on a free port, which keeps what it was asked. */
export class HttpService {
  readonly requests: ServiceRequest[] = [];

  private constructor(
    private readonly server: Server,
    public answer: (request: ServiceRequest) => ServiceAnswer | Promise<ServiceAnswer>,
  ) {}

  static async start(answer: HttpService['answer']): Promise<HttpService> {
    const server = createServer().listen(0, '127.0.0.1');
    const service = new HttpService(server, answer);
    server.on('request', async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      const { method = '', url = '/', headers } = request;
      const asked = { method, url: new URL(url, 'http://service'), headers, body };
      service.requests.push(asked);
      const said = await service.answer(asked);
      if (!said) return;
      response.writeHead(said.status ?? 200, { 'Content-Type': 'application/json', ...said.headers });
      response.end(typeof said.body === 'string' ? said.body : JSON.stringify(said.body));
    });
    await once(server, 'listening');
    return service;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/api`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
