/**
 * A real Chromium for tests of pages.
 *
 * @module
 */

import { type Browser, chromium } from "playwright-core";

/** Starts a browser that looks nothing up outside. */
export async function launchChromium(executablePath: string): Promise<Browser & AsyncDisposable> {
  const browser = await chromium.launch({
    executablePath,
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
