import { describe, expect, it } from 'vitest';
import type { AppConfig } from '../config/index.js';
import type { Entry, JournalService } from '../journal/index.js';
import { Metrics } from '../metrics/index.js';
import { IndexerService } from './indexer.service.js';
import type { IndexChanges, MovedConversation, SearchIndex } from './search-index.js';

const ENTRY = {
  conversation: 'club',
  seq: 1,
  type: 'message',
  sender: 'ann',
  time: 1,
  body: { kind: 'text', content: 'zebra' },
} as Entry;

/** Everything that waited is there, with one conversation that has moved; the sweep ends when told so. */
function world() {
  const written: IndexChanges[] = [];
  let sweep: (moved: MovedConversation[]) => void = () => undefined;
  const moved = new Promise<MovedConversation[]>((resolve) => (sweep = resolve));
  const index = {
    positions: async () => new Map(),
    moved: () => moved,
    write: async (changes: IndexChanges) => {
      await new Promise((resolve) => setImmediate(resolve));
      written.push(changes);
    },
  } as unknown as SearchIndex;
  const journal = {
    onCommitted: () => undefined,
    read: async () => [ENTRY],
    stats: () => ({ inFlight: 0, queued: 0 }),
  } as unknown as JournalService;
  const config = { search: { enabled: true } } as AppConfig;
  const indexer = new IndexerService(index, journal, config, new Metrics());
  const end = () => sweep([{ conversation: 'club', head: 1, indexed: 0, time: 1 }]);
  return { indexer, written, end };
}

describe(IndexerService.name, () => {
  it('does not take what a sweep has found for indexed', async () => {
    const { indexer, written, end } = world();
    indexer.onApplicationBootstrap();
    const reached = indexer.reached(10_000);
    end();
    expect(await reached).toBe(true);
    expect(written.flatMap(({ documents }) => documents.map(({ conversation }) => conversation))).toEqual([
      'club',
    ]);
    await indexer.beforeApplicationShutdown();
  });
});
