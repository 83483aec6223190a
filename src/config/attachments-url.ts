import { z } from 'zod';
import type { Parser } from './env-parsers.js';

/** A bucket of a server that speaks S3. */
export interface S3Location {
  type: 's3';
  /** Scheme, host and port. */
  endpoint: string;
  bucket: string;
  region: string;
  accessKey: string;
  secretKey: string;
}

export type AttachmentsLocation = { type: 'file'; path: string } | S3Location;

const MUST_BE =
  'must be file:<folder> or s3+https://<access key>:<secret key>@<host>/<bucket>?region=<region>, keys percent-encoded';

function s3Location(text: string): S3Location | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const [, bucket = ''] = /^\/([a-z0-9][\w.-]{1,62})\/?$/.exec(url?.pathname ?? '') ?? [];
  if (!url?.hostname || !bucket || !url.username || !url.password) return undefined;
  return {
    type: 's3',
    endpoint: `${url.protocol}//${url.host}`,
    bucket,
    region: url.searchParams.get('region') ?? 'us-east-1',
    accessKey: decodeURIComponent(url.username),
    secretKey: decodeURIComponent(url.password),
  };
}

function locationOf(text: string): AttachmentsLocation | undefined {
  if (/^s3\+https?:\/\//.test(text)) return s3Location(text.slice('s3+'.length));
  const path = text.startsWith('file:') ? text.slice('file:'.length) : '';
  return path === '' || path.startsWith('//') ? undefined : { type: 'file', path };
}

/** The refusal never quotes it, for it may hold a key. */
export const attachmentsUrl = (): Parser<AttachmentsLocation> =>
  z.string().transform((given, context) => {
    const found = locationOf(given.trim());
    if (found) return found;
    context.addIssue(MUST_BE);
    return z.NEVER;
  });
