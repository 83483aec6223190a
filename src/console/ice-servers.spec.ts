import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { iceServersOf } from './ice-servers.js';

describe('iceServersOf', () => {
  const stun = 'stun:stun.example.com:3478';
  const turn = 'turns:turn.example.com?transport=tcp';

  it('is nothing where there is nothing', () => {
    expect(iceServersOf({ iceServers: [], turnSecret: 'x' }, 'ann', 9)).toEqual([]);
  });

  it('gives credentials of the user to TURN servers alone', () => {
    const credential = createHmac('sha1', 'secret').update('1800000000:ann').digest('base64');
    expect(iceServersOf({ iceServers: [turn, stun], turnSecret: 'secret' }, 'ann', 1_800_000_000)).toEqual([
      { urls: [stun] },
      { urls: [turn], username: '1800000000:ann', credential },
    ]);
  });

  it('names TURN servers that take anybody', () => {
    expect(iceServersOf({ iceServers: [turn] }, 'ann', 9)).toEqual([{ urls: [turn] }]);
  });
});
