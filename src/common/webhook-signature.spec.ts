import { expect, it } from 'vitest';
import { signatureHeaders } from './webhook-signature.js';

it('signs as the published example of Svix, which Standard Webhooks come from, does', () => {
  const key = Buffer.from('plJ3nmyCDGBKInavdOK15jsl', 'base64');
  const id = 'msg_loFOjxBNrRLzqYUf';
  const body = '{"event_type":"ping","data":{"success":true}}';
  expect(signatureHeaders(key, id, 1_731_705_121, body)).toEqual({
    'webhook-id': id,
    'webhook-timestamp': '1731705121',
    'webhook-signature': 'v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=',
  });
});
