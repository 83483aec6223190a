import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Presence } from '@rookery/protocol';
import { EventBus } from '../common/index.js';
import type { Connection, HubEvent, HubService } from '../hub/index.js';
import { Metrics } from '../metrics/index.js';
import { Announcer } from './announcer.js';
import type { LastSeen } from './last-seen.js';
import type { LeaseKeeper } from './lease-keeper.js';
import type { PresenceRecords } from './presence-records.repository.js';
import type { Relations } from './relations.js';
import type { Roster } from './roster.js';
import { DEFAULT_SETTINGS, type Standing } from './standing.js';

const HERE: Standing = { devices: { state: 'online', platforms: ['web'] }, settings: DEFAULT_SETTINGS };
const GONE: Standing = { settings: DEFAULT_SETTINGS };
const BUSY: Standing = { devices: { state: 'busy', platforms: ['web'] }, settings: DEFAULT_SETTINGS };

describe(Announcer.name, () => {
  let standing: Standing;
  let told: string[];
  /** What happens while the relations are being asked for. */
  let meanwhile: () => void;
  let announcer: Announcer;
  let watcher: Connection;

  beforeEach(async () => {
    standing = HERE;
    told = [];
    meanwhile = () => undefined;
    watcher = {
      userId: 'wim',
      closed: false,
      sendEphemeral: ({ data }: HubEvent) =>
        told.push(...(data as { users: Presence[] }).users.map(({ user, state }) => `${user} ${state}`)) > 0,
    } as unknown as Connection;
    announcer = new Announcer(
      { connectionsOf: () => [], isOnline: () => true } as unknown as HubService,
      {
        standingOf: () => standing,
        devicesOf: () => standing.devices,
        settingsOf: () => standing.settings,
        setSettings: (_: string, settings = DEFAULT_SETTINGS) => (standing = { ...standing, settings }),
        localDevices: () => standing.devices,
      } as unknown as Roster,
      { settingsOf: async () => new Map() } as unknown as PresenceRecords,
      {
        contactsOf: async () => [],
        regardsTo: async () => {
          meanwhile();
          return () => 'stranger';
        },
      } as unknown as Relations,
      { hold: () => undefined } as unknown as LeaseKeeper,
      { of: async () => new Map() } as unknown as LastSeen,
      new EventBus(),
      new Metrics(),
    );
    announcer.subscriptions.add(watcher, ['ann']);
    announcer.mark('ann');
    await vi.waitUntil(() => told.includes('ann online'), 10_000);
    told = [];
  });
  afterEach(() => announcer.stop());

  const settled = () => new Promise<void>((resolve) => (announcer.onChange = resolve));
  const becomes = (next: Standing): void => {
    standing = next;
    announcer.mark('ann');
  };

  it('tells nothing of who went and came back before it was told', async () => {
    becomes(GONE);
    becomes(HERE);
    await settled();
    becomes(BUSY);
    await expect.poll(() => told).toEqual(['ann busy']);
  });

  it('tells that he is there when somebody was shown meanwhile that he is not', async () => {
    becomes(GONE);
    expect(announcer.standingOf('ann')).toBe(GONE);
    becomes(HERE);
    await expect.poll(() => told).toEqual(['ann online']);
    becomes(BUSY);
    await expect.poll(() => told).toEqual(['ann online', 'ann busy']);
  });

  it('tells once what was shown and is still so', async () => {
    becomes(GONE);
    announcer.standingOf('ann');
    await expect.poll(() => told).toEqual(['ann offline']);
    becomes(HERE);
    await expect.poll(() => told).toEqual(['ann offline', 'ann online']);
  });

  it('tells nothing to whom the user hid from while it was about to be told', async () => {
    const hides = (): void => announcer.apply('ann', { ...DEFAULT_SETTINGS, online: 'contacts' });
    meanwhile = () => {
      meanwhile = () => undefined;
      hides();
    };
    const put = vi.spyOn(announcer, 'put');
    becomes(BUSY);
    await expect.poll(() => told).toEqual(['ann offline']);
    expect(put.mock.calls.map(([, { state }]) => state)).toEqual(['offline']);
  });

  it('shows a user as he is, not as he was last told', async () => {
    standing = { ...HERE, settings: { ...DEFAULT_SETTINGS, online: 'contacts' } };
    await announcer.show('ann', [watcher]);
    await expect.poll(() => told).toEqual(['ann offline']);
  });
});
