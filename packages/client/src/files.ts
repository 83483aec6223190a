import { ErrorCode, type ErrorData } from '@rookery/protocol';
import { ClientErrorCode, fromErrorData, toRookeryError } from './rookery-error.js';
import type { TokenHolder } from './token-holder.js';

/** A file that the server has. Its `url`, and what else a reader needs, goes into the content of a message. */
export interface Attachment {
  id: string;
  /** A path on this server. */
  url: string;
  name: string;
  /** Media type, told by the first bytes of the file. */
  mime: string;
  /** Bytes. */
  size: number;
}

export interface FileOptions {
  /** Gives up. */
  signal?: AbortSignal | undefined;
}

const UNAUTHORIZED = 401;

/** The bytes of files, which do not travel in frames. */
export class Files {
  /** `base`: address of the REST calls. */
  constructor(
    private readonly base: string,
    private readonly tokens: TokenHolder,
  ) {}

  /** As a form: a bare body of some types is taken for something else on its way, JSON for instance. */
  async upload(file: Blob, name: string | undefined, { signal }: FileOptions): Promise<Attachment> {
    const url = new URL('/api/v1/attachments', this.base);
    if (name !== undefined) url.searchParams.set('name', name);
    const body = new FormData();
    body.append('file', file);
    return (await this.fetch(url, { method: 'POST', body, signal })).json();
  }

  async download(url: string, { signal }: FileOptions): Promise<Blob> {
    return (await this.fetch(new URL(url, this.base), { signal })).blob();
  }

  /** Only the own server gets the token. */
  private async fetch(url: URL, init: RequestInit): Promise<Response> {
    const own = url.origin === new URL(this.base).origin;
    const attempt = async (): Promise<Response> => {
      const headers = new Headers();
      if (own) headers.set('Authorization', `Bearer ${await this.tokens.current()}`);
      return fetch(url, { ...init, headers }).catch((error: unknown) => {
        throw init.signal?.aborted
          ? toRookeryError(error, ClientErrorCode.Aborted)
          : toRookeryError(error, ClientErrorCode.ConnectionLost, { retryable: true });
      });
    };
    let response = await attempt();
    if (own && response.status === UNAUTHORIZED && this.tokens.replaceable) {
      this.tokens.forget();
      response = await attempt();
    }
    if (response.ok) return response;
    const said = (await response.json().catch(() => ({}))) as Partial<ErrorData>;
    throw fromErrorData({
      code: ErrorCode.Internal,
      message: `The server answered ${response.status}`,
      retryable: response.status >= 500,
      ...said,
    });
  }
}
