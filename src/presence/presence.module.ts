import { Global, Module } from '@nestjs/common';
import { AppConfig } from '../config/index.js';
import { Database } from '../database/index.js';
import { Metrics } from '../metrics/index.js';
import { Announcer } from './announcer.js';
import { Greeter } from './greeter.js';
import { GroupCounts } from './group-counts.js';
import { LastSeen } from './last-seen.js';
import { LeaseKeeper } from './lease-keeper.js';
import { MemoryPresenceStore } from './memory-presence-store.js';
import { PresenceBounds } from './presence-bounds.js';
import { PresenceController } from './presence.controller.js';
import { PresenceGateway } from './presence.gateway.js';
import { PresenceObserver } from './presence-observer.js';
import { PresencePulse } from './presence-pulse.js';
import { PresenceRecords } from './presence-records.repository.js';
import { PresenceReport } from './presence-report.js';
import { PresenceService } from './presence.service.js';
import { PresenceStore } from './presence-store.js';
import { Relations } from './relations.js';
import { Replica } from './replica.js';
import { Roster } from './roster.js';
import { SqlPresenceStore } from './sql-presence-store.repository.js';

function storeOf({ presence }: AppConfig, { dataSource, door }: Database): PresenceStore {
  return presence.store === 'database' ? new SqlPresenceStore(dataSource, door) : new MemoryPresenceStore();
}

function recordsOn({ dataSource, door }: Database, metrics: Metrics): PresenceRecords {
  return new PresenceRecords(dataSource, door, (kind) => metrics.presenceStatements.inc({ kind }));
}

@Global()
@Module({
  controllers: [PresenceController],
  providers: [
    { provide: PresenceStore, inject: [AppConfig, Database], useFactory: storeOf },
    { provide: PresenceRecords, inject: [Database, Metrics], useFactory: recordsOn },
    {
      provide: LastSeen,
      inject: [PresenceRecords],
      useFactory: (records: PresenceRecords) => new LastSeen(records),
    },
    Announcer,
    Greeter,
    GroupCounts,
    LeaseKeeper,
    PresenceBounds,
    PresenceGateway,
    PresenceObserver,
    PresencePulse,
    PresenceReport,
    PresenceService,
    Relations,
    Replica,
    Roster,
  ],
  exports: [PresenceService, PresenceStore],
})
export class PresenceModule {}
