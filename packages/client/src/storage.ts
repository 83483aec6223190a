/** Where the outbox and the cursors survive a reload. May be slow, and may fail: then the client goes on without. */
export interface Storage {
  /** Null or undefined: nothing is kept under this key. */
  get(key: string): Promise<string | null | undefined>;
  set(key: string, value: string): Promise<void>;
  remove(key: string): Promise<void>;
}

/** Survives reconnects, and nothing else. */
export function memoryStorage(): Storage {
  const values = new Map<string, string>();
  return {
    get: async (key) => values.get(key),
    set: async (key, value) => void values.set(key, value),
    remove: async (key) => void values.delete(key),
  };
}

interface WebStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** For browsers: `localStorage` by default, or `sessionStorage`. */
export function webStorage(area: WebStorage = globalThis.localStorage): Storage {
  return {
    get: async (key) => area.getItem(key),
    set: async (key, value) => area.setItem(key, value),
    remove: async (key) => area.removeItem(key),
  };
}
