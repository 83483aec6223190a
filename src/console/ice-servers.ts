import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { AppConfig } from '../config/index.js';

/** As a browser's RTCPeerConnection takes it. */
export const IceServer = z.object({
  urls: z.array(z.string()),
  username: z.string().optional(),
  credential: z.string().optional(),
});
export type IceServer = z.infer<typeof IceServer>;

const isTurn = (url: string): boolean => /^turns?:/i.test(url);

/**
 * What helps the calls of a user through routers. TURN servers with a secret get credentials of his that are good until
 * `expires` (seconds since the epoch), as coturn and others check them (draft-uberti-behave-turn-rest-00).
 */
export function iceServersOf(
  { iceServers, turnSecret }: Pick<AppConfig['http'], 'iceServers' | 'turnSecret'>,
  user: string,
  expires: number,
): IceServer[] {
  const [turn, stun] = [iceServers.filter(isTurn), iceServers.filter((url) => !isTurn(url))];
  return [
    ...(stun.length > 0 ? [{ urls: stun }] : []),
    ...(turn.length > 0 ? [{ urls: turn, ...credentials(turnSecret, user, expires) }] : []),
  ];
}

function credentials(secret: string | undefined, user: string, expires: number): Partial<IceServer> {
  if (secret === undefined) return {};
  const username = `${expires}:${user}`;
  return { username, credential: createHmac('sha1', secret).update(username).digest('base64') };
}
