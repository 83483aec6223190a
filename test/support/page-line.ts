import type { Page, WebSocketRoute } from 'playwright-core';

/** The WebSocket of a page. */
export const WS = /\/ws\?/;

/** A line for WebSockets alone, so that a page without it can still be loaded. */
export class Line {
  private up = true;
  private readonly sockets = new Set<WebSocketRoute>();

  async carry(page: Page): Promise<void> {
    await page.routeWebSocket(WS, (socket) => {
      if (!this.up) return void socket.close({ code: 4000 });
      socket.connectToServer();
      this.sockets.add(socket);
    });
  }

  async cut(): Promise<void> {
    this.up = false;
    await Promise.all([...this.sockets].map((socket) => socket.close({ code: 4000 })));
    this.sockets.clear();
  }

  mend(): void {
    this.up = true;
  }
}
