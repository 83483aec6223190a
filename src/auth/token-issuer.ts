import { createSecretKey } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { ErrorCode } from '@rookery/protocol';
import { AppError, invalidField } from '../common/app-error.js';
import { isUserId } from '../common/user-id.js';
import { AppConfig } from '../config/index.js';

export interface TokenRequest {
  userId: string;
  roles?: readonly string[];
  name?: string;
  avatar?: string;
  /** Seconds. */
  ttl: number;
}

/** Signs tokens that this server accepts; only where it holds the shared secret, not where others issue the tokens. */
@Injectable()
export class TokenIssuer {
  private readonly jwt?: JwtService;

  constructor(private readonly config: AppConfig) {
    const { key } = config.jwt;
    if (key.kind === 'secret')
      this.jwt = new JwtService({ secret: createSecretKey(Buffer.from(key.secret)) });
  }

  get canIssue(): boolean {
    return this.jwt !== undefined;
  }

  /** Rejects with `unavailable` where only a public key or a key set is configured, with `invalid` for a bad user id. */
  async issue({ userId, roles, name, avatar, ttl }: TokenRequest): Promise<string> {
    if (!this.jwt) {
      throw new AppError(ErrorCode.Unavailable, {
        message: 'This server holds no secret to sign with: its tokens come from elsewhere',
      });
    }
    if (!isUserId(userId)) throw invalidField('userId', 'Not a user id');
    const { issuer, audience, userClaims } = this.config.jwt;
    const claims = {
      sub: userId,
      [userClaims[0] ?? 'sub']: userId,
      ...(roles?.length && { roles }),
      ...(name && { name }),
      ...(avatar && { avatar }),
      ...(issuer && { iss: issuer }),
      ...(audience && { aud: audience }),
    };
    return this.jwt.signAsync(claims, { algorithm: 'HS256', expiresIn: ttl });
  }
}
