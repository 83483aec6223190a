import { createDecipheriv, createECDH, hkdfSync, randomBytes } from 'node:crypto';
import { importJWK, jwtVerify } from 'jose';
import type { ReceivedPush } from './push-receiver.js';

/** A browser's end of Web Push: its keys, and what its push service would hand it. By RFC 8188, 8291 and 8292 alone. */
export class WebPushBrowser {
  private readonly ecdh = createECDH('prime256v1');
  private auth = randomBytes(16);
  private publicKey = this.ecdh.generateKeys();

  /** One with these keys, base64url. */
  static of({ privateKey, auth }: { privateKey: string; auth: string }): WebPushBrowser {
    const browser = new WebPushBrowser();
    browser.ecdh.setPrivateKey(Buffer.from(privateKey, 'base64url'));
    browser.publicKey = browser.ecdh.getPublicKey();
    browser.auth = Buffer.from(auth, 'base64url');
    return browser;
  }

  /** As `PushSubscription.toJSON()` gives it. */
  subscription(endpoint: string) {
    const keys = { p256dh: this.publicKey.toString('base64url'), auth: this.auth.toString('base64url') };
    return { endpoint, expirationTime: null, keys };
  }

  /** The text of a push that was encrypted for this browser; throws for any other. */
  decrypt(body: Buffer): string {
    const salt = body.subarray(0, 16);
    const recordSize = body.readUInt32BE(16);
    const keyLength = body.readUInt8(20);
    const sender = body.subarray(21, 21 + keyLength);
    const record = body.subarray(21 + keyLength);
    if (record.length > recordSize) throw new Error('More than one record');
    const info = Buffer.concat([Buffer.from('WebPush: info\0'), this.publicKey, sender]);
    const secret = hkdf(this.ecdh.computeSecret(sender), this.auth, info, 32);
    const key = hkdf(secret, salt, Buffer.from('Content-Encoding: aes128gcm\0'), 16);
    const nonce = hkdf(secret, salt, Buffer.from('Content-Encoding: nonce\0'), 12);
    const decipher = createDecipheriv('aes-128-gcm', key, nonce);
    decipher.setAuthTag(record.subarray(-16));
    const plain = Buffer.concat([decipher.update(record.subarray(0, -16)), decipher.final()]);
    const end = plain.lastIndexOf(2);
    if (end < 0 || plain.subarray(end + 1).some((byte) => byte !== 0))
      throw new Error('No end of the last record');
    return plain.subarray(0, end).toString();
  }
}

/** Who signed a push, as a push service sees it: its public key and claims. Throws for what is not signed for `origin`. */
export async function vapidOf(
  { headers }: Pick<ReceivedPush, 'headers'>,
  origin: string,
): Promise<{ publicKey: string; subject?: string; secondsLeft: number }> {
  const [, token = '', publicKey = ''] =
    /^vapid t=([^,\s]+),\s*k=(\S+)$/.exec(headers.authorization ?? '') ?? [];
  const point = Buffer.from(publicKey, 'base64url');
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString('base64url'));
  const key = await importJWK({ kty: 'EC', crv: 'P-256', x, y }, 'ES256');
  const { payload } = await jwtVerify(token, key, { audience: origin, algorithms: ['ES256'] });
  return { publicKey, subject: payload.sub, secondsLeft: (payload.exp ?? 0) - Date.now() / 1000 };
}

const hkdf = (key: Buffer, salt: Buffer, info: Buffer, length: number): Buffer =>
  Buffer.from(hkdfSync('sha256', key, salt, info, length));
