import type { CallRecord, Frame } from '@rookery/protocol';
import { api } from './api.js';
import { ROLES, type ObjectKind, type Role, type Subjects } from './authorisation-matrix.js';
import { RawClient, tokenFor } from './raw-client.js';
import type { TestServer } from './server.js';

/** Those who try: the columns of the matrix, and the two that must not differ from one of them. */
export const CALLERS = [...ROLES, 'pretender', 'service'] as const;
export type Caller = (typeof CALLERS)[number];

/** The column that holds for a caller. */
export function columnOf(caller: Caller): Role {
  if (caller === 'pretender') return 'stranger';
  return caller === 'service' ? 'root' : caller;
}

const CLAIMS: Partial<Record<Caller, Record<string, unknown>>> = {
  root: { role: 'admin' },
  service: { roles: ['orders', 'admin'] },
  pretender: { role: 'Admin', roles: ['administrator', ' admin', 'admin,root', ['admin']], admin: true },
};

/** Issued a little ahead, within the leeway: good also after older ones were revoked in this second. */
export const tokenOf = (caller: Caller): string =>
  tokenFor(caller, { iat: Math.floor(Date.now() / 1000) + 2, ...CLAIMS[caller] });

/** Words that stand in what only some may read; the number tells which object they are of. */
const SECRETS: Record<string, readonly Caller[]> = {
  'told-in-private': ['member', 'owner'],
  'told-to-one': ['member'],
  'told-to-admins': ['root', 'service'],
  'said-before': ['past', 'member', 'admin', 'owner'],
  'said-after': ['member', 'admin', 'owner'],
  'draft-bytes': ['member'],
};

const TOLD = { type: 't', content: 'told-to-one' };

/** Secrets in a text that are not for its reader. */
export const leaksIn = (text: string, reader: Caller): string[] =>
  Object.entries(SECRETS).flatMap(([secret, readers]) =>
    text.includes(secret) && !readers.includes(reader) ? [secret] : [],
  );

/** Users with all relations to the same objects, every one of them connected, on one server. */
export class AuthorisationWorld {
  private readonly clients = new Map<Caller, RawClient>();
  private objects = new Map<ObjectKind, Promise<string>>();
  private readonly texts = new Map<RawClient, number>();
  private generation = 0;
  private made = 0;
  private ringing?: string;

  private constructor(private readonly server: TestServer) {}

  static async on(server: TestServer): Promise<AuthorisationWorld> {
    const world = new AuthorisationWorld(server);
    await world.reconnect();
    const [owner, root] = [world.client('owner'), world.client('root')];
    await owner.call('chat.send', { to: 'member', kind: 'text', content: 'told-in-private' });
    await root.call('notification.send', { to: 'member', ...TOLD });
    await root.call('notification.broadcast', { type: 't', content: 'told to all' });
    await world.settled();
    return world;
  }

  client(caller: Caller): RawClient {
    const client = this.clients.get(caller);
    if (!client) throw new Error(`${caller} is not connected`);
    return client;
  }

  /** The object that the columns of the matrix are about. */
  object(kind: ObjectKind): Promise<string> {
    const object = this.objects.get(kind) ?? this.make(kind);
    this.objects.set(kind, object);
    return object;
  }

  /** One of the same kind that does not exist. */
  absent(kind: ObjectKind): string {
    const number = ++this.made;
    switch (kind) {
      case 'direct':
        return `dm:absent${number}:zabsent${number}`;
      case 'inbox':
        return `inbox:absent${number}`;
      case 'oldFile':
      case 'newFile':
      case 'draft':
        return `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`;
      case 'device':
        return String(number).padStart(64, '0');
      case 'told':
        return `inbox:absent${number}#1`;
      case 'toldAdmins':
        return `broadcast:all#${number + 1_000_000}`;
      default:
        return `absent${number}`;
    }
  }

  subjects(caller: Caller): Subjects {
    return {
      somebody: this.somebody,
      mate: 'mate',
      asker: 'asker',
      owner: 'owner',
      member: 'member',
      invited: 'invited',
      banned: 'banned',
      past: 'past',
      ownToken: tokenOf(caller),
      foreignToken: tokenOf(caller === 'member' ? 'owner' : 'member'),
      fresh: `fresh${++this.made}`,
    };
  }

  /** After a call that has changed something: other objects, and sockets for who lost his by it. */
  async renew(cut?: Caller): Promise<void> {
    if (cut) await this.client(cut).closed();
    this.generation++;
    this.objects = new Map();
    await this.reconnect();
    await this.hangUp();
  }

  /** Resolves when everything that was pushed has come. */
  async settled(): Promise<void> {
    await Promise.all([...this.clients.values()].map((client) => client.call('ping')));
  }

  /** How many frames each has got that are no answer to him. */
  events(): Map<Caller, string[]> {
    return new Map(
      [...this.clients].map(([caller, { frames }]) => [
        caller,
        frames.filter(isTold).map((frame) => JSON.stringify(frame)),
      ]),
    );
  }

  /** Secrets that have come to a socket they are not for, among the frames not looked at yet. */
  leaks(): string[] {
    return [...this.clients].flatMap(([caller, client]) => {
      const news = client.frames.slice(this.texts.get(client) ?? 0);
      this.texts.set(client, client.frames.length);
      return news.flatMap((frame) =>
        leaksIn(JSON.stringify(frame), caller).map((leak) => `${caller}: ${leak}`),
      );
    });
  }

  async close(): Promise<void> {
    await Promise.all([...this.clients.values()].map((client) => client.close()));
  }

  private get somebody(): string {
    return `somebody${this.generation}`;
  }

  private async reconnect(): Promise<void> {
    await Promise.all(
      CALLERS.map(async (caller) => {
        if (this.clients.get(caller)?.closeCode !== undefined) this.clients.delete(caller);
        if (this.clients.has(caller)) return;
        const client = await RawClient.connect(this.server, caller, { token: tokenOf(caller) });
        await client.event('chat.synced');
        this.clients.set(caller, client);
      }),
    );
  }

  private async make(kind: ObjectKind): Promise<string> {
    switch (kind) {
      case 'den':
        return this.group({ visibility: 'private' });
      case 'desk':
        return this.desk();
      case 'hall':
        return this.group({ visibility: 'open' });
      case 'direct':
        return 'dm:member:owner';
      case 'inbox':
        return 'inbox:member';
      case 'broadcast':
        return 'broadcast:all';
      case 'somebody':
        return this.somebody;
      case 'member':
        return 'member';
      case 'draft':
        return this.upload('member', 'draft-bytes');
      case 'oldFile':
      case 'newFile':
        return this.sharedFile(kind);
      case 'told':
        return (await this.client('root').call('notification.send', { to: 'member', ...TOLD })).id;
      case 'toldAdmins':
        return this.tellAdmins();
      case 'call':
        return this.ring();
      case 'device':
        return (await this.client('member').call('push.register', { provider: 'webhook', token: 'x' })).id;
      case 'nothing':
        return '';
    }
  }

  private async ring(): Promise<string> {
    const member = this.client('member');
    await this.hangUp();
    this.ringing = (await member.call('call.offer', { to: 'owner', media: 'audio', payload: 1 })).call;
    return this.ringing;
  }

  /** Who is in a call can make no other. */
  private async hangUp(): Promise<void> {
    const call = this.ringing;
    this.ringing = undefined;
    if (!call) return;
    const member = this.client('member');
    await member.call('call.hangup', { call }).catch(() => undefined);
    const isOver = ({ type, data }: Frame): boolean =>
      type === 'chat.call' && (data as CallRecord).call === call;
    await Promise.any([member, this.client('owner')].map((client) => client.frame(isOver)));
  }

  private async tellAdmins(): Promise<string> {
    const audience = { role: 'admin' };
    const content = 'told-to-admins';
    return (await this.client('root').call('notification.broadcast', { type: 't', content, audience })).id;
  }

  private async desk(): Promise<string> {
    const group = await this.group({ visibility: 'private', requests: true });
    const { status } = await api(this.server, 'POST', `/api/v1/groups/${group}/request`, { user: 'asker' });
    if (status !== 200) throw new Error(`asked: ${status}`);
    return group;
  }

  private async sharedFile(kind: 'oldFile' | 'newFile'): Promise<string> {
    const file = await this.upload('owner', kind === 'oldFile' ? 'said-before' : 'said-after');
    await this.group({ visibility: 'private' }, { [kind]: `/api/v1/attachments/${file}` });
    return file;
  }

  private async upload(user: 'owner' | 'member', bytes: string): Promise<string> {
    const answer = await fetch(`${this.server.url}/api/v1/attachments?name=x.txt`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${tokenOf(user)}`, 'Content-Type': 'text/plain' },
      body: bytes,
    });
    return ((await answer.json()) as { id: string }).id;
  }

  /** `past` is in it when the first message is sent, and not any more when the second one is. */
  private async group(
    settings: { visibility: 'open' | 'private'; requests?: boolean },
    files: { oldFile?: string; newFile?: string } = {},
  ): Promise<string> {
    const [owner, root] = [this.client('owner'), this.client('root')];
    const conversation = `group${++this.made}`;
    const say = (content: string, url?: string) =>
      owner.call(
        'chat.send',
        url
          ? { conversation, kind: 'file', content: { url, name: content } }
          : { conversation, kind: 'text', content },
      );
    await owner.call('group.create', { id: conversation, name: 'Group', ...settings });
    await root.call('group.add', { conversation, users: ['admin', 'member', 'mate', 'past'] });
    await say('said-before', files.oldFile);
    await this.client('past').call('group.leave', { conversation });
    await owner.call('group.role', { conversation, user: 'admin', role: 'admin' });
    await owner.call('group.invite', { conversation, users: ['invited'] });
    await owner.call('group.ban', { conversation, users: ['banned'] });
    await say('said-after', files.newFile);
    await this.settled();
    return conversation;
  }
}

/** No answer, and nothing that comes some time after its cause: who is there, and the end of a typing. */
function isTold({ id, type, data }: { id?: unknown; type: string; data?: unknown }): boolean {
  const isLate =
    type === 'presence.changed' || (type === 'chat.typing' && !(data as { active: boolean }).active);
  return id === undefined && !isLate;
}
