import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Gathered } from '../common/index.js';
import { EventPresenters, HubService } from '../hub/index.js';
import { LocaleRepository } from './locale.repository.js';

/** The language each user is told things in. */
@Injectable()
export class LocaleService implements OnModuleInit {
  /** Asked for by every connect. */
  private readonly gathered = new Gathered<string, string>((users) => this.locales.of(users));

  constructor(
    private readonly locales: LocaleRepository,
    private readonly presenters: EventPresenters,
    private readonly hub: HubService,
  ) {}

  onModuleInit(): void {
    this.presenters.useLocales((user) => this.of(user));
  }

  /** BCP 47 in lower case; undefined: he did not say. */
  of(user: string): Promise<string | undefined> {
    return this.gathered.of(user);
  }

  /** Null: the default again. His connections here are told things in it from now on. */
  async set(user: string, locale: string | null): Promise<null> {
    await this.locales.set(user, locale);
    for (const connection of this.hub.connectionsOf(user)) connection.locale = locale;
    return null;
  }
}
