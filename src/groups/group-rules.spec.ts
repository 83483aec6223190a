import { describe, expect, it } from 'vitest';
import type { AppError } from '../common/index.js';
import type { AppendRequest, AppendRule, Relation, Scene } from '../journal/index.js';
import { groupPostRule } from './group-post-rule.js';
import * as rules from './group-rules.js';
import { attributesOf, stateOf } from './group-state.js';

const LIMITS: rules.GroupLimits = { maxMembers: 5, inviteTtl: 1000 };
const NOBODY: ReadonlySet<string> = new Set();
const UNRELATED: Relation = { joined: 0, left: 0, delivered: 0, read: 0, role: null, attributes: null };

/** A group in memory: what the rules say is done, as the journal would. */
class Stage {
  state: Record<string, unknown> | null = null;
  seq = 0;
  time = 1_000_000;
  readonly relations = new Map<string, Relation>();

  /** `ok`, or the code of the refusal. */
  try(rule: AppendRule, request: Partial<AppendRequest> = {}): string {
    const scene: Scene = {
      seq: this.seq + 1,
      time: this.time,
      isNew: this.seq === 0,
      state: this.state,
      relation: (user) => this.relations.get(user),
      entry: () => undefined,
      answer: () => [],
    };
    const verdict = rule(scene, request as AppendRequest);
    if (verdict instanceof Error) return (verdict as AppError).code;
    this.seq++;
    this.state = verdict?.state ?? this.state;
    for (const { user, seen: _seen, ...change } of verdict?.relations ?? [])
      this.relations.set(user, { ...(this.relations.get(user) ?? UNRELATED), ...change });
    return 'ok';
  }

  post(sender: string, type = 'message'): string {
    return this.try(groupPostRule, { sender, type });
  }

  members(): string[] {
    return [...this.relations].filter(([, { left }]) => left === null).map(([user]) => user);
  }
}

/** Owned by `own`, with the admin `adm` and the member `mem`. */
function stageOf(settings: Parameters<typeof rules.create>[1] = { name: 'Team', visibility: 'open' }): Stage {
  const stage = new Stage();
  const done = [
    rules.create('own', settings),
    rules.add(['adm', 'mem'], LIMITS),
    rules.setRole('own', 'adm', 'admin'),
  ].map((rule) => stage.try(rule));
  expect(done).toEqual(['ok', 'ok', 'ok']);
  return stage;
}
const hidden = { name: 'Team', visibility: 'private' } as const;

describe('who may change a group', () => {
  const CHANGES: [string, (by: string) => AppendRule, Record<string, string>][] = [
    ['settings', (by) => rules.update(by, { name: 'New' }), { own: 'ok', adm: 'ok', mem: 'forbidden' }],
    ['invitations', (by) => rules.invite(by, ['new'], NOBODY, LIMITS), { own: 'ok', adm: 'ok', mem: 'ok' }],
    ['removing a member', (by) => rules.remove(by, ['mem']), { own: 'ok', adm: 'ok', mem: 'forbidden' }],
    [
      'removing an admin',
      (by) => rules.remove(by, ['adm']),
      { own: 'ok', adm: 'forbidden', mem: 'forbidden' },
    ],
    [
      'removing the owner',
      (by) => rules.remove(by, ['own']),
      { own: 'forbidden', adm: 'forbidden', mem: 'forbidden' },
    ],
    ['banning an outsider', (by) => rules.ban(by, ['new']), { own: 'ok', adm: 'ok', mem: 'forbidden' }],
    [
      'banning the owner',
      (by) => rules.ban(by, ['own']),
      { own: 'forbidden', adm: 'forbidden', mem: 'forbidden' },
    ],
    ['roles', (by) => rules.setRole(by, 'mem', 'admin'), { own: 'ok', adm: 'forbidden', mem: 'forbidden' }],
    ['the ownership', (by) => rules.transfer(by, 'mem'), { own: 'ok', adm: 'forbidden', mem: 'forbidden' }],
    ['muting a member', (by) => rules.mute(by, 'mem'), { own: 'ok', adm: 'ok', mem: 'forbidden' }],
    ['muting an admin', (by) => rules.mute(by, 'adm'), { own: 'ok', adm: 'forbidden', mem: 'forbidden' }],
    ['its end', (by) => rules.dissolve(by), { own: 'ok', adm: 'forbidden', mem: 'forbidden' }],
  ];

  it.each(CHANGES)('%s', (_what, rule, expected) => {
    const answers = ['own', 'adm', 'mem'].map((by) => [by, stageOf().try(rule(by))]);
    expect(Object.fromEntries(answers)).toEqual(expected);
  });

  it.each(CHANGES)(
    '%s: a stranger, a past member and the banned learn nothing, a dissolved group says so',
    (_what, rule) => {
      const stage = stageOf();
      stage.try(rules.add(['past', 'banned'], LIMITS));
      stage.try(rules.leave('past'));
      stage.try(rules.ban('own', ['banned']));
      expect(['stranger', 'past', 'banned'].map((by) => stage.try(rule(by)))).toEqual(
        Array(3).fill('not_found'),
      );
      stage.try(rules.dissolve('own'));
      expect([stage.try(rule('own')), stage.try(rule('stranger'))]).toEqual(['refused', 'not_found']);
    },
  );

  it('only admins, where the group says so', () => {
    const stage = stageOf({ ...hidden, invite: 'admins' });
    const invite = (by: string) => stage.try(rules.invite(by, ['new'], NOBODY, LIMITS));
    expect([invite('mem'), invite('adm')]).toEqual(['forbidden', 'ok']);
  });
});

describe('coming and going', () => {
  it('an open group takes anybody once, a private one is not there', () => {
    const open = stageOf();
    expect([open.try(rules.join('new', LIMITS)), open.try(rules.join('new', LIMITS))]).toEqual([
      'ok',
      'conflict',
    ]);
    expect(stageOf(hidden).try(rules.join('new', LIMITS))).toBe('not_found');
    expect(stageOf({ ...hidden, requests: true }).try(rules.join('new', LIMITS))).toBe('refused');
  });

  it('begins with his own entry, or with the first where the history is open', () => {
    const [joined, all] = [stageOf(), stageOf({ ...hidden, history: 'all' })];
    joined.try(rules.join('new', LIMITS));
    all.try(rules.add(['new'], LIMITS));
    expect([joined.relations.get('new')?.joined, all.relations.get('new')?.joined]).toEqual([
      joined.seq - 1,
      0,
    ]);
  });

  it('ends with the entry that ends it, and the name of that moment', () => {
    const stage = stageOf();
    stage.try(rules.remove('own', ['mem']));
    stage.try(rules.update('own', { name: 'Renamed' }));
    expect(stage.relations.get('mem')).toMatchObject({ left: 4, role: null, attributes: { name: 'Team' } });
  });

  it('counts the members, whatever happens', () => {
    const stage = stageOf();
    const steps = [
      rules.join('a', LIMITS),
      rules.ban('own', ['a', 'outsider']),
      rules.leave('mem'),
      rules.add(['adm', 'b', 'c'], LIMITS),
      rules.remove('adm', ['b']),
      rules.unban('own', ['a']),
      rules.join('a', LIMITS),
      rules.join('d', LIMITS),
      rules.join('e', LIMITS),
    ];
    expect(steps.map((rule) => stage.try(rule))).toEqual([...Array(8).fill('ok'), 'refused']);
    expect([stateOf(stage).members, stage.members().length]).toEqual([5, 5]);
  });

  it('keeps the owner until the group is given away, and dissolves it after the last', () => {
    const stage = stageOf();
    expect(stage.try(rules.leave('own'))).toBe('refused');
    expect(stage.try(rules.transfer('own', 'adm'))).toBe('ok');
    expect([stage.relations.get('own')?.role, stateOf(stage).owner]).toEqual(['admin', 'adm']);
    for (const user of ['own', 'mem', 'adm']) expect(stage.try(rules.leave(user))).toBe('ok');
    expect(stateOf(stage)).toMatchObject({ members: 0, dissolved: true });
  });

  it('lets everybody out of a dissolved group, also its owner', () => {
    const stage = stageOf();
    stage.try(rules.dissolve('own'));
    expect(['own', 'mem'].map((user) => stage.try(rules.leave(user)))).toEqual(['ok', 'ok']);
  });

  it('is closed to the banned until they are let in', () => {
    const stage = stageOf();
    stage.try(rules.ban('adm', ['mem']));
    const invite = () => stage.try(rules.invite('own', ['mem'], NOBODY, LIMITS));
    expect([stage.try(rules.join('mem', LIMITS)), invite()]).toEqual(['refused', 'refused']);
    stage.try(rules.unban('adm', ['mem']));
    expect(stage.try(rules.join('mem', LIMITS))).toBe('ok');
    const closed = stageOf(hidden);
    closed.try(rules.ban('adm', ['mem']));
    expect(closed.try(rules.join('mem', LIMITS))).toBe('not_found');
  });
});

describe('invitations', () => {
  const invited = (blockers = NOBODY) => {
    const stage = stageOf(hidden);
    expect(stage.try(rules.invite('mem', ['new'], blockers, LIMITS))).toBe('ok');
    return stage;
  };

  it('are good until they end', () => {
    const stage = invited();
    stage.time += LIMITS.inviteTtl - 1;
    expect(stage.try(rules.accept('new', LIMITS))).toBe('ok');
    const late = invited();
    late.time += LIMITS.inviteTtl;
    expect([late.try(rules.accept('new', LIMITS)), late.try(rules.join('new', LIMITS))]).toEqual(
      Array(2).fill('not_found'),
    );
  });

  it('are answered once, and can be taken back', () => {
    const declined = invited();
    expect([declined.try(rules.decline('new')), declined.try(rules.accept('new', LIMITS))]).toEqual([
      'ok',
      'not_found',
    ]);
    const revoked = invited();
    expect([revoked.try(rules.reject('adm', ['new'])), revoked.try(rules.accept('new', LIMITS))]).toEqual([
      'ok',
      'not_found',
    ]);
    const taken = invited();
    expect([taken.try(rules.join('new', LIMITS)), taken.try(rules.accept('new', LIMITS))]).toEqual([
      'ok',
      'conflict',
    ]);
  });

  it('of somebody who is blocked do not exist for the invited, and spoil no other', () => {
    const blocker = new Set(['new']);
    const stage = invited(blocker);
    expect([stage.try(rules.accept('new', LIMITS)), stage.try(rules.decline('new'))]).toEqual([
      'not_found',
      'not_found',
    ]);
    stage.try(rules.invite('adm', ['new'], NOBODY, LIMITS));
    stage.try(rules.invite('mem', ['new'], blocker, LIMITS));
    expect(stage.try(rules.accept('new', LIMITS))).toBe('ok');
  });

  it('tell when there is nobody left to invite', () => {
    expect(stageOf().try(rules.invite('own', ['mem', 'adm'], NOBODY, LIMITS))).toBe('conflict');
  });
});

describe('requests', () => {
  const asking = { ...hidden, requests: true };
  const ask = (stage: Stage) => stage.try(rules.request('new', LIMITS));

  it('are for private groups that let themselves be asked', () => {
    expect([ask(stageOf()), ask(stageOf(hidden)), ask(stageOf(asking))]).toEqual([
      'refused',
      'not_found',
      'ok',
    ]);
  });

  it('are decided by admins, once', () => {
    const stage = stageOf(asking);
    const approve = (by: string) => stage.try(rules.approve(by, ['new'], LIMITS));
    expect([ask(stage), ask(stage), approve('mem'), approve('adm'), approve('own')]).toEqual([
      'ok',
      'conflict',
      'forbidden',
      'ok',
      'not_found',
    ]);
    expect(stage.members()).toContain('new');
  });

  it('may be made again a while after they were turned down', () => {
    const stage = stageOf(asking);
    ask(stage);
    expect([stage.try(rules.reject('adm', ['new'])), ask(stage)]).toEqual(['ok', 'refused']);
    stage.time += LIMITS.inviteTtl;
    expect(ask(stage)).toBe('ok');
  });
});

describe('who may write', () => {
  it('members, whatever the type; the server also; nobody else', () => {
    const stage = stageOf();
    stage.try(rules.leave('mem'));
    const by = ['own', 'adm', '', 'mem', 'stranger'].map((sender) => stage.post(sender));
    expect(by).toEqual(['ok', 'ok', 'ok', 'not_found', 'not_found']);
  });

  it('nobody in a dissolved group', () => {
    const stage = stageOf();
    stage.try(rules.dissolve('own'));
    const by = ['own', 'mem', '', 'stranger'].map((sender) => stage.post(sender));
    expect(by).toEqual(['refused', 'refused', 'refused', 'not_found']);
  });

  it('owner and admins alone, while all are muted', () => {
    const stage = stageOf({ name: 'Team', visibility: 'open', muteAll: true });
    expect(['own', 'adm', 'mem'].map((sender) => stage.post(sender))).toEqual(['ok', 'ok', 'refused']);
    stage.try(rules.update('adm', { muteAll: false }));
    expect(stage.post('mem')).toBe('ok');
  });

  it('a muted member only recalls and reacts, until it ends or is lifted', () => {
    const stage = stageOf();
    stage.try(rules.mute('adm', 'mem', stage.time + 1000));
    const types = ['message', 'edit', 'recall', 'reaction'].map((type) => stage.post('mem', type));
    expect(types).toEqual(['refused', 'refused', 'ok', 'ok']);
    stage.time += 1000;
    expect(stage.post('mem')).toBe('ok');
    expect(stage.try(rules.mute('adm', 'mem', stage.time))).toBe('invalid');
    stage.try(rules.mute('adm', 'mem'));
    expect(stage.post('mem')).toBe('refused');
    expect([stage.try(rules.unmute('adm', 'mem')), stage.post('mem')]).toEqual(['ok', 'ok']);
    expect(stage.try(rules.unmute('adm', 'mem'))).toBe('conflict');
  });

  it('being muted outlives leaving, being invited and coming back', () => {
    const stage = stageOf();
    stage.try(rules.mute('adm', 'mem'));
    stage.try(rules.leave('mem'));
    stage.try(rules.invite('own', ['mem'], NOBODY, LIMITS));
    stage.try(rules.accept('mem', LIMITS));
    expect(stage.post('mem')).toBe('refused');
  });

  it('a member of a slow group one message at a time, owner and admins as they like', () => {
    const stage = stageOf({ name: 'Team', visibility: 'open', slowMode: 10 });
    expect([stage.post('mem'), stage.post('mem'), stage.post('mem', 'reaction')]).toEqual([
      'ok',
      'rate_limited',
      'ok',
    ]);
    expect([stage.post('adm'), stage.post('adm')]).toEqual(['ok', 'ok']);
    stage.time += 10_000;
    expect(stage.post('mem')).toBe('ok');
    stage.try(rules.leave('mem'));
    stage.try(rules.join('mem', LIMITS));
    expect(stage.post('mem')).toBe('rate_limited');
  });

  it('nothing is kept of who wrote in a group that is not slow', () => {
    const stage = stageOf();
    stage.post('mem');
    expect(attributesOf(stage.relations.get('mem'))).toEqual({});
  });

  it('pins by owner and admins, or by all where the group says so', () => {
    expect([stageOf().post('mem', 'pin'), stageOf().post('adm', 'pin')]).toEqual(['forbidden', 'ok']);
    expect(stageOf({ ...hidden, pin: 'members' }).post('mem', 'pin')).toBe('ok');
  });
});
