import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const EXECUTABLE = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Whether a browser is here; without one this says so loudly, and in CI it is a failure. */
export function hasChromium(): boolean {
  if (existsSync(EXECUTABLE)) return true;
  const text = `NOT RUN: Chromium tests (no ${EXECUTABLE}; set CHROMIUM_PATH)`;
  if (process.env.CI) throw new Error(text);
  console.warn(`\n${text}\n`);
  return false;
}

/** Camera and microphone that need neither a device nor anybody's permission. */
export const FAKE_MEDIA = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

export function launchChromium(more: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: EXECUTABLE, args: [...FLAGS, ...more], headless: true });
}
