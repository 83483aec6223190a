import type { ChatTab } from './chat-page.js';

export const press = ({ page }: ChatTab, name: string): Promise<void> =>
  page.getByRole('button', { name, exact: true }).click();

/** What the page says of the call. */
export const callState = ({ page }: ChatTab, text: string | RegExp): Promise<void> =>
  page.locator('#call-state').filter({ hasText: text }).waitFor();

/** The call is connected, and its time runs. */
export const talks = ({ page }: ChatTab): Promise<void> =>
  page
    .locator('#call-time')
    .filter({ hasText: /^\d+:\d\d$/ })
    .waitFor();

/** The other one's sound or picture arrives: the element that plays it moves on. */
export async function plays({ page }: ChatTab): Promise<void> {
  const time = `document.querySelector('#call-remote').currentTime`;
  const before = await page.evaluate<number>(time);
  await page.waitForFunction(`${time} > ${before}`);
}
