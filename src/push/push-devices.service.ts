import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { ErrorCode, type Commands } from '@rookery/protocol';
import { AppError, invalidField } from '../common/index.js';
import { PUSH_PROVIDERS, type PushProvider } from './push-provider.js';
import { PushTokenRepository } from './push-token.repository.js';
import type { PushRegister } from './push.schema.js';

/** Devices of one user at most: of more, the oldest go. */
const MAX_DEVICES = 20;

/** Where the devices of users can be reached while they are not connected. */
@Injectable()
export class PushDevicesService {
  constructor(
    private readonly tokens: PushTokenRepository,
    @Inject(PUSH_PROVIDERS) private readonly providers: readonly PushProvider[],
  ) {}

  /** Repeating it changes nothing. AppError `refused` while push is off, `invalid` for what the provider does not take. */
  async register(
    user: string,
    { provider: name, token: given, device }: PushRegister,
  ): Promise<{ id: string }> {
    if (this.providers.length === 0)
      throw new AppError(ErrorCode.Refused, { message: 'Offline push is off' });
    const provider = this.providers.find((each) => each.name === name);
    if (!provider) throw invalidField('provider', 'Not one of this server');
    const token = provider.accept(given);
    const id = createHash('sha256')
      .update(`${name}\n${JSON.stringify(token)}`)
      .digest('hex');
    await this.tokens.save(
      { id, user, provider: name, token, device: device ?? null, createdAt: Date.now() },
      MAX_DEVICES,
    );
    return { id };
  }

  /** AppError `not_found` for what is not his. */
  async unregister(user: string, id: string): Promise<null> {
    const token = await this.tokens.find(id);
    if (token?.user !== user) throw new AppError(ErrorCode.NotFound);
    await this.tokens.remove(id);
    return null;
  }

  /** The user's own devices, without their tokens, and what there is to register with. */
  async list(user: string): Promise<Commands['push.list']['reply']> {
    const devices = await this.tokens.ofUser(user);
    return {
      providers: this.providers.map(({ name, publicInfo }) => ({ name, ...publicInfo })),
      devices: devices.map(({ id, provider, device, createdAt }) => ({
        id,
        provider,
        device,
        time: createdAt,
      })),
    };
  }
}
