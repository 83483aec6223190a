import { Injectable, Logger, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { invalidField } from '../common/index.js';
import { AppConfig } from '../config/index.js';
import { AddressBlockList, addressSet, contains } from '../transport/index.js';
import { IpBlockRepository } from './ip-block.repository.js';

/** Milliseconds after which other processes on the same database go by a change. */
const POLL = 2000;

export interface IpBlocklist {
  /** Set by administrators, in order. */
  ranges: string[];
  /** Of `IP_BLOCKLIST`: only a restart changes them. */
  base: readonly string[];
}

/** The addresses that administrators block while the server runs; kept in the database. */
@Injectable()
export class IpBlocklistService implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger('BlockList');
  private applied = '';
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly config: AppConfig,
    private readonly repository: IpBlockRepository,
    private readonly blocked: AddressBlockList,
  ) {}

  /** Before anybody can connect. Where other processes may change the list it is looked at again and again. */
  async onModuleInit(): Promise<void> {
    await this.refresh();
    if (this.config.presence.store !== 'database') return;
    this.timer = setInterval(() => void this.refresh().catch((error) => this.complain(error)), POLL);
    this.timer.unref();
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  async list(): Promise<IpBlocklist> {
    return { ranges: await this.repository.all(), base: this.config.http.ipBlocklist };
  }

  /** Rejects with `invalid` when the list would lock out the address that it comes from. */
  async replace(ranges: readonly string[], caller: string): Promise<IpBlocklist & { closed: number }> {
    if (contains(addressSet(ranges), caller))
      throw invalidField('ranges', 'The address that you are calling from is among them');
    const distinct = [...new Set(ranges)].toSorted();
    await this.repository.replace(distinct, Date.now());
    return { ranges: distinct, base: this.config.http.ipBlocklist, closed: this.apply(distinct) };
  }

  private async refresh(): Promise<void> {
    this.apply(await this.repository.all());
  }

  private apply(ranges: readonly string[]): number {
    const next = ranges.join(' ');
    if (next === this.applied) return 0;
    this.applied = next;
    return this.blocked.replace(ranges);
  }

  private complain(err: unknown): void {
    this.logger.warn({ err }, 'The block list could not be read; the last one holds');
  }
}
