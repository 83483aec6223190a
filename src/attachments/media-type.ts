import { open } from 'node:fs/promises';
import { fileTypeFromBuffer } from 'file-type';

/** Bytes from the beginning that tell every format apart which we care for. */
const SAMPLE = 4100;
const UNKNOWN = 'application/octet-stream';
const MEDIA_TYPE = /^[a-z0-9][\w.+-]{0,62}\/[a-z0-9][\w.+-]{0,62}$/;

/** What may be shown in a page without danger to it: no scripts, no plug-ins. */
const HARMLESS = /^(image\/(png|jpeg|gif|webp|avif|bmp)|(audio|video)\/[\w.+-]+|text\/plain)$/;

/**
 * The type by the first bytes of a file; by what its sender said only where these say nothing, and then never a type
 * that claims to be a picture, sound or film.
 */
export async function mediaTypeOf(path: string, claimed: string | undefined): Promise<string> {
  const found = await fileTypeFromBuffer(await beginning(path));
  if (found) return found.mime;
  const said = claimed?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (!MEDIA_TYPE.test(said) || /^(image|audio|video)\//.test(said)) return UNKNOWN;
  return said;
}

/** Whether a type is in a list of `type/subtype` and `type/*`, or of everything. */
export function isAllowed(mime: string, patterns: readonly string[]): boolean {
  const [type] = mime.split('/', 1);
  return patterns.some((pattern) => pattern === '*/*' || pattern === mime || pattern === `${type}/*`);
}

/** Whether a browser may show it in place; anything else it has to save. */
export function isShownInline(mime: string): boolean {
  return HARMLESS.test(mime);
}

async function beginning(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(SAMPLE), 0, SAMPLE, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
