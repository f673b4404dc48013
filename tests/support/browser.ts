/**
 * A real Chromium for tests of pages.
 *
 * @module
 */

import { type Browser, chromium } from "playwright-core";

/** How long it may take to start, in milliseconds. */
const START_MS_MAX = 120_000;

/** Starts a browser that looks nothing up outside. */
export async function launchChromium(executablePath: string): Promise<Browser & AsyncDisposable> {
  const browser = await chromium.launch({
    executablePath,
    timeout: START_MS_MAX,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  return Object.assign(browser, { [Symbol.asyncDispose]: () => browser.close() });
}
