interface NetworkEvents {
  addEventListener?(name: string, listener: () => void): void;
  removeEventListener?(name: string, listener: () => void): void;
}

/** What the browser knows of the network; elsewhere nobody tells. Returns the function that ends the listening. */
export function onNetworkChange({
  onOnline,
  onOffline,
}: {
  onOnline(): void;
  onOffline(): void;
}): () => void {
  const browser = globalThis as NetworkEvents;
  browser.addEventListener?.('online', onOnline);
  browser.addEventListener?.('offline', onOffline);
  return () => {
    browser.removeEventListener?.('online', onOnline);
    browser.removeEventListener?.('offline', onOffline);
  };
}
