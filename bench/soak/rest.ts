import type { MessageDraft } from '@rookery/protocol';
import { tokenFor } from '../generators/token.js';
import { digestOf, type ClientLog } from './client-log.js';

interface Stored {
  conversation: string;
  seq: number;
  id: string;
}

/** Sender of what the server stores by itself. */
const SYSTEM = '';

/** A back-end service: what it is answered goes to a log of its own. */
export class RestCaller {
  private counter = 0;

  constructor(
    private readonly url: string,
    private readonly log: ClientLog,
    private readonly tally: (what: string) => void,
  ) {}

  message(from: string, to: string, draft: MessageDraft): Promise<void> {
    return this.store('/api/v1/messages', from, tokenFor(from), { to, ...draft }, draft.content);
  }

  notify(to: string, content: unknown): Promise<void> {
    return this.store('/api/ws/send', SYSTEM, adminToken(), { type: 'order_status', to, content }, content);
  }

  broadcast(content: unknown): Promise<void> {
    return this.store('/api/ws/broadcast', SYSTEM, adminToken(), { type: 'maintenance', content }, content);
  }

  async disconnect(user: string): Promise<void> {
    const path = `/api/v1/users/${encodeURIComponent(user)}/connections`;
    await fetch(this.url + path, { method: 'DELETE', headers: { Authorization: `Bearer ${adminToken()}` } });
  }

  async logout(user: string): Promise<void> {
    await this.post('/user/wsLogout', tokenFor(user), { owner_id: user });
  }

  private async store(
    path: string,
    sender: string,
    token: string,
    body: object,
    content: unknown,
  ): Promise<void> {
    const clientId = `rest.${++this.counter}`;
    this.log.add({ kind: 'sent', sender, clientId, digest: digestOf(content) });
    try {
      const response = await this.post(path, token, body, clientId);
      if (!response.ok) throw new Error(`${path} ${response.status} ${await response.text()}`);
      const { conversation, seq, id } = (await response.json()) as Stored;
      this.log.add({ kind: 'ack', conversation, seq, id, clientId });
      this.tally('acknowledged over REST');
    } catch (error) {
      this.log.add({ kind: 'refused', clientId, code: String(error) });
      this.tally(`REST refused: ${String(error).slice(0, 100)}`);
    }
  }

  private post(path: string, token: string, body: object, key?: string): Promise<Response> {
    return fetch(this.url + path, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${token}`,
        'Content-Type': 'application/json',
        ...(key !== undefined && { 'Idempotency-Key': key }),
      },
      body: JSON.stringify(body),
    });
  }
}

const adminToken = (): string => tokenFor('root', { role: 'admin' });
