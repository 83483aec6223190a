import { createHmac } from 'node:crypto';

/** Headers of a signed request, as Standard Webhooks 1.0 has them. `time` in seconds since the epoch. */
export function signatureHeaders(
  key: Buffer,
  id: string,
  time: number,
  body: string,
): Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string> {
  const signature = createHmac('sha256', key).update(`${id}.${time}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': String(time), 'webhook-signature': `v1,${signature}` };
}
