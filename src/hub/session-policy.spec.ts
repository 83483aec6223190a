import { describe, expect, it } from 'vitest';
import type { Connection } from './connection.js';
import { replacedBy } from './session-policy.js';

const on = (platform: string, device?: string): Connection => ({ platform, device }) as Connection;

describe(replacedBy.name, () => {
  const phone = on('ios', 'p1');
  const web = on('web', 'w1');

  it('keeps everybody under multi', () =>
    expect(replacedBy(on('web', 'w2'), [phone, web], 'multi')).toEqual([]));
  it('replaces everybody under single', () =>
    expect(replacedBy(on('web'), [phone, web], 'single')).toEqual([phone, web]));
  it('replaces the same platform under per-platform', () =>
    expect(replacedBy(on('web'), [phone, web], 'per-platform')).toEqual([web]));
  it('replaces the same named device under any policy', () =>
    expect(replacedBy(on('ios', 'p1'), [phone, web], 'multi')).toEqual([phone]));
  it('does not take two unnamed devices for one', () =>
    expect(replacedBy(on('web'), [on('web')], 'multi')).toEqual([]));
});
