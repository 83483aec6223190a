import { ClientErrorCode, toRookeryError } from './rookery-error.js';

/** The token in use, and the way to a newer one. */
export class TokenHolder {
  private token?: string;
  /** Whether the token has not been tried by the server yet. */
  private untried = false;

  constructor(private readonly source: string | (() => Promise<string>)) {}

  /** Whether there is a way to another token than the one that the server has just refused. */
  get replaceable(): boolean {
    return typeof this.source === 'function' && !this.untried;
  }

  get renewable(): boolean {
    return typeof this.source === 'function';
  }

  /** Rejects with `token_unavailable`, or with the RookeryError that the function threw. */
  async current(): Promise<string> {
    return this.token ?? (await this.renew());
  }

  async renew(): Promise<string> {
    try {
      this.token = typeof this.source === 'string' ? this.source : await this.source();
    } catch (error) {
      throw toRookeryError(error, ClientErrorCode.TokenUnavailable, { retryable: true });
    }
    this.untried = true;
    return this.token;
  }

  /** The server took it. */
  accepted(): void {
    this.untried = false;
  }

  /** The next one who asks gets a new one. */
  forget(): void {
    this.token = undefined;
    this.untried = false;
  }
}
