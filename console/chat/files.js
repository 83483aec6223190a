import { el } from './dom.js';
import { sizeOf } from './format.js';

/** Pictures that are kept in memory; the one longest out of sight goes first. */
const KEPT = 60;
const OWN = /^\/(?!\/)/;

/** Files of messages: they take the token, so that a page fetches them itself. */
export class Files {
  #urls = new Map();

  constructor(client) {
    this.client = client;
  }

  /** The draft of a message about a file that has been stored. */
  async send(file) {
    const { url, name, mime, size } = await this.client.upload(file, file.name);
    return { kind: mime.startsWith('image/') ? 'image' : 'file', content: { url, name, mime, size } };
  }

  /** A picture or a button that fetches the file; undefined where it is on another server. */
  elementOf({ kind, content }) {
    const { url = '', name = 'File', size } = content ?? {};
    if (!OWN.test(url)) return undefined;
    if (kind === 'image') return this.#picture(url, name);
    const button = el(
      'button',
      { type: 'button', className: 'file' },
      el('span', { ariaHidden: 'true' }, '📄'),
      el('span', { className: 'file-name', dir: 'auto' }, name),
      el('span', { className: 'file-size' }, sizeOf(size)),
    );
    button.onclick = () => void this.#save(url, name);
    return button;
  }

  stop() {
    for (const address of this.#urls.values()) void address.then(URL.revokeObjectURL, () => undefined);
    this.#urls.clear();
  }

  #picture(url, name) {
    const image = el('img', { className: 'picture', alt: name });
    const button = el(
      'button',
      { type: 'button', className: 'picture-button', title: `Save ${name}` },
      image,
    );
    button.onclick = () => void this.#save(url, name);
    this.#address(url).then(
      (address) => (image.src = address),
      () => button.replaceChildren(`${name} cannot be shown`),
    );
    return button;
  }

  #address(url) {
    const known = this.#urls.get(url) ?? this.client.download(url).then((blob) => URL.createObjectURL(blob));
    this.#urls.delete(url);
    this.#urls.set(url, known);
    known.catch(() => this.#urls.delete(url));
    const [oldest] = this.#urls;
    if (this.#urls.size > KEPT) {
      this.#urls.delete(oldest[0]);
      void oldest[1].then(URL.revokeObjectURL, () => undefined);
    }
    return known;
  }

  async #save(url, name) {
    const address = await this.#address(url).catch(() => undefined);
    if (address) el('a', { href: address, download: name }).click();
  }
}
