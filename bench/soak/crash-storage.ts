import type { Storage } from '@rookery/client';

/** The disk of a device. A client writes through a view of its own, which a crash takes away from it. */
export class DeviceDisk {
  private readonly values = new Map<string, string>();

  view(): { storage: Storage; detach: () => void } {
    let attached = true;
    const { values } = this;
    return {
      detach: () => (attached = false),
      storage: {
        get: async (key) => values.get(key),
        set: async (key, value) => void (attached && values.set(key, value)),
        remove: async (key) => void (attached && values.delete(key)),
      },
    };
  }

  /** Where each conversation had come to when it was last saved. */
  positions(device: string): Record<string, number> {
    const text = this.values.get(`rookery.${device}.cursors`);
    return text === undefined ? {} : (JSON.parse(text) as { positions: Record<string, number> }).positions;
  }
}
