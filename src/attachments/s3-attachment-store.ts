import { createReadStream } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { ErrorCode } from '@rookery/protocol';
import { AwsV4Signer } from 'aws4fetch';
import { AppError } from '../common/index.js';
import type { S3Location } from '../config/index.js';
import { AttachmentStore, type ByteRange } from './attachment-store.js';

/** Milliseconds without any progress. */
const PATIENCE = 15_000;
const NO_BODY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

interface S3Request {
  method: 'GET' | 'PUT' | 'DELETE' | 'HEAD';
  headers?: Record<string, string>;
  body?: { path: string; size: number; sha256: string };
}

/**
 * In a bucket of a server that speaks S3, addressed by path, requests signed with AWS Signature Version 4.
 * A PUT is whole or not at all by the protocol itself.
 */
export class S3AttachmentStore extends AttachmentStore {
  constructor(private readonly location: S3Location) {
    super();
  }

  override async put(key: string, path: string, facts: { size: number; sha256: string }): Promise<void> {
    await this.expect([200], key, { method: 'PUT', body: { path, ...facts } });
  }

  override async open(key: string, range?: ByteRange): Promise<Readable | undefined> {
    const headers = range && { range: `bytes=${range.first}-${range.last}` };
    const response = await this.send(key, { method: 'GET', headers });
    if (response.statusCode === 200 || response.statusCode === 206) return response;
    await discard(response);
    if (response.statusCode === 404) return undefined;
    throw refused(response.statusCode);
  }

  override delete(key: string): Promise<void> {
    return this.expect([200, 204, 404], key, { method: 'DELETE' });
  }

  override check(): Promise<void> {
    return this.expect([200], '', { method: 'HEAD' });
  }

  private async expect(statuses: number[], key: string, request: S3Request): Promise<void> {
    const response = await this.send(key, request);
    await discard(response);
    if (!statuses.includes(response.statusCode ?? 0)) throw refused(response.statusCode);
  }

  private async send(key: string, { method, headers, body }: S3Request): Promise<http.IncomingMessage> {
    const { endpoint, bucket, region, accessKey, secretKey } = this.location;
    const signer = new AwsV4Signer({
      method,
      url: `${endpoint}/${bucket}${key && `/${key}`}`,
      headers: { ...headers, 'x-amz-content-sha256': body?.sha256 ?? NO_BODY },
      accessKeyId: accessKey,
      secretAccessKey: secretKey,
      region,
      service: 's3',
    });
    const signed = await signer.sign();
    const length = { 'content-length': String(body?.size ?? 0) };
    const request = (signed.url.protocol === 'https:' ? https : http).request(signed.url, {
      method,
      headers: { ...Object.fromEntries(signed.headers), ...(method === 'PUT' && length) },
      timeout: PATIENCE,
    });
    return answerTo(request, body?.path);
  }
}

async function answerTo(request: http.ClientRequest, path?: string): Promise<http.IncomingMessage> {
  request.on('timeout', () => request.destroy(new Error('The object store does not answer')));
  const answered = once(request, 'response') as Promise<[http.IncomingMessage]>;
  try {
    const written = path === undefined ? request.end() : pipeline(createReadStream(path), request);
    const [[response]] = await Promise.all([answered, written]);
    return response;
  } catch (error) {
    answered.catch(() => undefined);
    throw new AppError(ErrorCode.Unavailable, { message: 'The object store did not answer', cause: error });
  }
}

async function discard(response: http.IncomingMessage): Promise<void> {
  response.resume();
  if (!response.readableEnded) await once(response, 'close');
}

function refused(status = 0): AppError {
  const cause = new Error(`The object store answered ${status}`);
  return new AppError(ErrorCode.Unavailable, { message: 'The object store refused', cause });
}
