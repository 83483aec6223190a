/** The small language between the bench and its children, over Node's IPC channel. */
export interface Request {
  call: number;
  method: string;
  params: unknown;
}

export interface Reply {
  call: number;
  result?: unknown;
  error?: string;
}

export type Handlers = Record<string, (params: never) => unknown>;

/** The child's side. A child whose bench is gone goes too. */
export function serve(handlers: Handlers): void {
  process.on('message', (request: Request) => void answer(handlers, request));
  process.on('disconnect', () => process.exit(0));
}

/** Several parts of a child may serve; each answers what it knows. */
async function answer(handlers: Handlers, { call, method, params }: Request): Promise<void> {
  const handler = handlers[method];
  if (!handler) return;
  const reply: Reply = { call };
  try {
    reply.result = await handler(params as never);
  } catch (error) {
    reply.error = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  process.send?.(reply);
}

/** Told once, when the child can be called. */
export function ready(about: { port?: number } = {}): void {
  process.send?.({ call: 0, result: about });
}
