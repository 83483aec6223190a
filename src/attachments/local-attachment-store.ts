import { copyFile, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { makeFolder } from '../common/index.js';
import { AttachmentStore, type ByteRange } from './attachment-store.js';

/** In a folder, spread over 256 subfolders by the end of the key. */
export class LocalAttachmentStore extends AttachmentStore {
  constructor(private readonly folder: string) {
    super();
  }

  override async put(key: string, path: string): Promise<void> {
    const target = this.pathOf(key);
    await mkdir(dirname(target), { recursive: true });
    await move(path, target);
    await sync(dirname(target));
  }

  override async open(key: string, range?: ByteRange): Promise<Readable | undefined> {
    try {
      const file = await open(this.pathOf(key));
      return file.createReadStream(range && { start: range.first, end: range.last });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  override delete(key: string): Promise<void> {
    return rm(this.pathOf(key), { force: true });
  }

  override async check(): Promise<void> {
    makeFolder(this.folder);
    await sync(this.folder);
  }

  private pathOf(key: string): string {
    return join(this.folder, key.slice(-2), key);
  }
}

/** Synced before it gets its name, so that a name never stands for a part. */
async function move(from: string, to: string): Promise<void> {
  await sync(from);
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    const beside = `${to}.part`;
    await copyFile(from, beside);
    await sync(beside);
    await rename(beside, to);
    await rm(from, { force: true });
  }
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
