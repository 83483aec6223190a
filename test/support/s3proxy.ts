import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './server.js';

const ACCESS_KEY = 'rookery';
const SECRET_KEY = 'a secret/with+signs';
const BUCKET = 'attachments';

/** S3Proxy: a server that speaks S3 and checks signatures, over a folder. */
export class S3Proxy {
  private constructor(
    private readonly port: number,
    private readonly folder: string,
    private readonly process: ChildProcess,
  ) {}

  /** Undefined: it cannot run here, which has been said aloud; in CI that is a failure. */
  static jar(): string | undefined {
    const jar = process.env.TEST_S3PROXY_JAR;
    if (jar && existsSync(jar)) return jar;
    const text = 'NOT RUN: S3 tests (no TEST_S3PROXY_JAR, the path of S3Proxy with its dependencies)';
    if (process.env.CI) throw new Error(text);
    console.warn(`\n${text}\n`);
    return undefined;
  }

  static async start(jar: string): Promise<S3Proxy> {
    const folder = mkdtempSync(join(tmpdir(), 'rookery-s3-'));
    const port = await freePort();
    mkdirSync(join(folder, 'buckets', BUCKET), { recursive: true });
    const properties = {
      's3proxy.authorization': 'aws-v2-or-v4',
      's3proxy.identity': ACCESS_KEY,
      's3proxy.credential': SECRET_KEY,
      's3proxy.endpoint': `http://127.0.0.1:${port}`,
      'jclouds.identity': 'unused',
      'jclouds.credential': 'unused',
      'jclouds.provider': 'filesystem-nio2',
      'jclouds.filesystem.basedir': join(folder, 'buckets'),
    };
    const file = join(folder, 's3proxy.conf');
    writeFileSync(
      file,
      Object.entries(properties)
        .map(([key, value]) => `${key}=${value}\n`)
        .join(''),
    );
    const child = spawn('java', ['-jar', jar, '--properties', file], { stdio: 'ignore' });
    const server = new S3Proxy(port, folder, child);
    await server.answering();
    return server;
  }

  /** As `ATTACHMENTS_URL`. */
  url(secretKey = SECRET_KEY): string {
    const key = encodeURIComponent(secretKey);
    return `s3+http://${ACCESS_KEY}:${key}@127.0.0.1:${this.port}/${BUCKET}?region=us-east-1`;
  }

  async stop(): Promise<void> {
    const ended = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async answering(): Promise<void> {
    for (;;) {
      if (this.process.exitCode !== null) throw new Error(`S3Proxy ended with ${this.process.exitCode}`);
      const answer = await fetch(`http://127.0.0.1:${this.port}/`).catch(() => undefined);
      if (answer) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
