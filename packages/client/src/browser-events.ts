interface BrowserEvents {
  addEventListener?(name: string, listener: () => void): void;
  removeEventListener?(name: string, listener: () => void): void;
}

export interface BrowserListener {
  onOnline(): void;
  onOffline(): void;
  /** The page goes away, perhaps for good: a phone says no more than that it is hidden. */
  onLeaving(): void;
}

/** What the browser knows of network and page; elsewhere nobody tells. Returns the function that ends the listening. */
export function onBrowserChange({ onOnline, onOffline, onLeaving }: BrowserListener): () => void {
  const browser = globalThis as BrowserEvents;
  const listeners = Object.entries({
    online: onOnline,
    offline: onOffline,
    pagehide: onLeaving,
    visibilitychange: onLeaving,
  });
  for (const [name, listener] of listeners) browser.addEventListener?.(name, listener);
  return () => {
    for (const [name, listener] of listeners) browser.removeEventListener?.(name, listener);
  };
}
