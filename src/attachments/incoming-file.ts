import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { PassThrough, Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ErrorCode } from '@rookery/protocol';
import busboy from 'busboy';
import { AppError, invalidField } from '../common/index.js';

/** A file that has been received whole, in a folder of ours. Its receiver removes it. */
export interface IncomingFile {
  path: string;
  size: number;
  /** Hex. */
  sha256: string;
  name?: string;
  /** What its sender says it is. */
  claimedType?: string;
}

interface Part {
  stream: Readable;
  name?: string;
  claimedType?: string;
}

/**
 * Takes the file of a request in: the body itself, or the first file of `multipart/form-data`. Rejects with AppError
 * `too_large` beyond `limit` bytes, `invalid` for a broken or empty body, and leaves nothing behind then.
 */
export async function receiveFile(
  request: IncomingMessage,
  folder: string,
  limit: number,
): Promise<IncomingFile> {
  if (Number(request.headers['content-length'] ?? 0) > limit + MULTIPART_OVERHEAD) throw tooLarge(limit);
  const { stream, ...described } = await filePart(request, limit);
  const path = join(folder, randomUUID());
  try {
    const measured = await spool(stream, path, limit);
    if (measured.size === 0) throw invalidField('file', 'It is empty');
    return { path, ...measured, ...described };
  } catch (error) {
    await rm(path, { force: true });
    throw error instanceof AppError ? error : invalidField('file', 'It did not arrive whole');
  }
}

/** Boundaries and headers of the parts. */
const MULTIPART_OVERHEAD = 16 * 1024;

function filePart(request: IncomingMessage, limit: number): Promise<Part> | Part {
  const type = request.headers['content-type'];
  if (!type?.toLowerCase().startsWith('multipart/form-data'))
    return { stream: bodyOf(request), claimedType: type };
  return new Promise((resolve, reject) => {
    const broken = (): void => reject(invalidField('file', 'Not a form with a file'));
    try {
      const form = busboy({
        headers: request.headers,
        limits: { files: 1, fields: 0, fileSize: limit + 1 },
        defParamCharset: 'utf8',
      });
      form.on('file', (_field, stream, { filename, mimeType }) =>
        resolve({ stream, name: filename, claimedType: mimeType }),
      );
      form.on('close', broken);
      pipeline(bodyOf(request), form).catch(broken);
    } catch {
      broken();
    }
  });
}

/** A stream that may fail without taking the connection with it: it still has to carry the refusal. */
function bodyOf(request: IncomingMessage): Readable {
  const body = new PassThrough();
  request.pipe(body);
  request.once('close', () => {
    if (!request.readableEnded) body.destroy(new Error('The request was cut off'));
  });
  return body;
}

async function spool(
  stream: Readable,
  path: string,
  limit: number,
): Promise<Pick<IncomingFile, 'size' | 'sha256'>> {
  const hash = createHash('sha256');
  let size = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      hash.update(chunk);
      done(size > limit ? tooLarge(limit) : null, chunk);
    },
  });
  await pipeline(stream, measure, createWriteStream(path, { flags: 'wx', mode: 0o600 }));
  return { size, sha256: hash.digest('hex') };
}

const tooLarge = (limit: number): AppError =>
  new AppError(ErrorCode.TooLarge, { message: `A file has at most ${limit} bytes` });
