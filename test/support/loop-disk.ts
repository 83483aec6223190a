import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SIZE = '64M';

/** An ext4 in a file, mounted through a loop device: what was not flushed to it is not in the file. */
export class LoopDisk {
  private readonly mounted: string[] = [];

  private constructor(private readonly folder: string) {}

  /** Undefined on a machine where we may not mount. */
  static async create(): Promise<LoopDisk | undefined> {
    const disk = new LoopDisk(await mkdtemp(join(tmpdir(), 'rookery-disk-')));
    try {
      await run('truncate', ['--size', SIZE, disk.image('live')]);
      await run('mkfs.ext4', ['-q', '-F', disk.image('live')]);
      await disk.mount('live');
      return disk;
    } catch {
      await disk.dispose();
      return undefined;
    }
  }

  get path(): string {
    return join(this.folder, 'live');
  }

  /** What a power cut at this moment would have left, mounted; whoever writes must be stopped. */
  async cut(): Promise<string> {
    await run('cp', ['--sparse=always', this.image('live'), this.image('cut')]);
    return this.mount('cut');
  }

  /** Lazily: a driver may hold a closed database until its memory is collected. */
  async dispose(): Promise<void> {
    for (const path of this.mounted.splice(0)) await run('umount', ['--lazy', path]);
    await rm(this.folder, { recursive: true, force: true });
  }

  private image(name: string): string {
    return join(this.folder, `${name}.img`);
  }

  private async mount(name: string): Promise<string> {
    const path = join(this.folder, name);
    await mkdir(path);
    await run('mount', ['-o', 'loop', this.image(name), path]);
    this.mounted.push(path);
    return path;
  }
}
