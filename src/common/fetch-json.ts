/** A call to another service failed: no answer in time, none at all, or one that is not as agreed. */
export class ServiceCallError extends Error {
  override readonly name = 'ServiceCallError';
}

export interface FetchJsonOptions {
  method?: 'GET' | 'POST';
  headers?: Record<string, string>;
  body?: string;
  /** Milliseconds for all of it. */
  timeout: number;
  /** Bytes of the answer. */
  maxBytes: number;
}

/** The JSON of a 2xx answer; anything else rejects with {@link ServiceCallError}. Follows no redirection. */
export async function fetchJson(
  url: URL,
  { timeout, maxBytes, ...request }: FetchJsonOptions,
): Promise<unknown> {
  try {
    const response = await fetch(url, {
      ...request,
      redirect: 'error',
      signal: AbortSignal.timeout(timeout),
    });
    const text = await textOf(response, maxBytes);
    if (!response.ok) throw new ServiceCallError(`Answered ${response.status}`);
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof ServiceCallError) throw error;
    throw new ServiceCallError((error as Error).message, { cause: error });
  }
}

async function textOf(response: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new ServiceCallError('The answer is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
