import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/index.js';

/** Two folders up, both from `src/console` and from `dist/console`. */
const FOLDER = join(import.meta.dirname, '../../console/chat');

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};
const PAGE = 'index.html';
/** As the page imports it. */
const SDK = 'rookery-client.js';
const WS_PATH_PLACEHOLDER = '%WS_PATH%';

export interface PageFile {
  type: string;
  body: string;
}

/** The files of the chat page, read once; a name that is not among them is undefined, so no path can leave the folder. */
@Injectable()
export class ChatPage {
  private readonly files = new Map<string, PageFile>();

  constructor(config: AppConfig) {
    for (const name of readdirSync(FOLDER)) {
      const type = MEDIA_TYPES[extname(name)];
      if (type) this.files.set(name, { type, body: readFileSync(join(FOLDER, name), 'utf8') });
    }
    this.files.set(SDK, sdk());
    const page = this.page;
    this.files.set(PAGE, {
      ...page,
      body: page.body.replace(WS_PATH_PLACEHOLDER, escapeHtml(config.ws.path)),
    });
  }

  get page(): PageFile {
    const page = this.file(PAGE);
    if (!page) throw new Error(`${PAGE} of the chat page is missing`);
    return page;
  }

  file(name: string): PageFile | undefined {
    return this.files.get(name);
  }
}

/** The SDK as one file, as its package has it. */
function sdk(): PageFile {
  const file = fileURLToPath(import.meta.resolve('@rookery/client/browser'));
  return { type: MEDIA_TYPES['.js'] as string, body: readFileSync(file, 'utf8') };
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
