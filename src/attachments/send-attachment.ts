import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import type { ByteRange } from './attachment-store.js';
import type { Attachment } from './attachment.js';
import { disposition } from './file-name.js';
import { isShownInline } from './media-type.js';

type Open = (range?: ByteRange) => Promise<Readable>;

/** One attachment, or one range of it, by RFC 9110; what a browser must not show in place it has to save. */
export async function sendAttachment(
  attachment: Attachment,
  open: Open,
  request: Request,
  response: Response,
): Promise<void> {
  const { size, mime, name, sha256 } = attachment;
  response.set({
    'Accept-Ranges': 'bytes',
    ETag: `"${sha256}"`,
    'Cache-Control': 'private, max-age=31536000, immutable',
    'Content-Type': mime.startsWith('text/') ? `${mime}; charset=utf-8` : mime,
    'Content-Disposition': disposition(isShownInline(mime) ? 'inline' : 'attachment', name),
    'Content-Security-Policy': "default-src 'none'; sandbox",
    'X-Content-Type-Options': 'nosniff',
    'Cross-Origin-Resource-Policy': 'same-origin',
  });
  if (request.fresh) return void response.status(304).end();
  const range = rangeOf(request, `"${sha256}"`, size);
  if (range === 'unsatisfiable') {
    response.status(416).set('Content-Range', `bytes */${size}`).removeHeader('Content-Type');
    return void response.end();
  }
  if (request.method === 'HEAD') return void response.set('Content-Length', String(size)).end();
  const bytes = await open(range);
  if (range) response.status(206).set('Content-Range', `bytes ${range.first}-${range.last}/${size}`);
  response.set('Content-Length', String(range ? range.last - range.first + 1 : size));
  // A client that goes away in the middle is no fault of the server.
  await pipeline(bytes, response).catch(() => undefined);
}

/** Undefined: all of it, also where several ranges are asked for or the client has another version of the file. */
function rangeOf(request: Request, etag: string, size: number): ByteRange | 'unsatisfiable' | undefined {
  const condition = request.headers['if-range'];
  if (condition !== undefined && condition !== etag) return undefined;
  const ranges = request.range(size, { combine: true });
  if (ranges === undefined || ranges === -2) return undefined;
  if (ranges === -1) return 'unsatisfiable';
  const [range] = ranges;
  if (ranges.type !== 'bytes' || ranges.length !== 1 || !range) return undefined;
  return { first: range.start, last: range.end };
}
