import { Injectable } from '@nestjs/common';
import { LocaleRepository } from './locale.repository.js';

/** The language each user is told things in. */
@Injectable()
export class LocaleService {
  constructor(private readonly locales: LocaleRepository) {}

  /** BCP 47 in lower case; undefined: he did not say. */
  of(user: string): Promise<string | undefined> {
    return this.locales.of(user);
  }

  /** Null: the default again. */
  async set(user: string, locale: string | null): Promise<null> {
    await this.locales.set(user, locale);
    return null;
  }
}
