/**
 * The playground's process and its windows, for tests.
 *
 * @module
 */

import type { Browser, Page } from "playwright-core";
import denoJson from "../../deno.json" with { type: "json" };
import { type Running, startDeno } from "../support/process.ts";

const URL_IN = /http:\/\/127\.0\.0\.1:\d+/;

/** How long a page may take over one thing, in milliseconds. */
const PAGE_MS_MAX = 120_000;

/** A window, who sits before it, and what went wrong in it. */
export interface Window {
  readonly page: Page;
  readonly errors: readonly string[];
}

/** Starts the playground by the command of its task. */
export async function startPlayground(
  env: Readonly<Record<string, string>> = {},
  port = 0,
): Promise<Running & { readonly url: string }> {
  const [, ...args] = denoJson.tasks.start.command.split(" ");
  const running = await startDeno([...args, "--port", String(port)], URL_IN, env);
  return { ...running, url: URL_IN.exec(running.printed())?.[0] ?? "" };
}

/** Opens a window of its own, in somebody's name, and waits until everything on it is connected. */
export async function openWindow(browser: Browser, url: string, name: string): Promise<Window> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(PAGE_MS_MAX);
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error.stack)));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  await page.goto(url);
  await page.getByRole("textbox", { name: "Your name" }).fill(name);
  await page.locator("#board-state", { hasText: "In sync" }).waitFor();
  await page.locator("#desk-state", { hasText: "In sync" }).waitFor();
  await page.locator("#letter:enabled").waitFor();
  return { page, errors };
}

/** The titles of the cards, column by column. */
export async function cardTitles(page: Page): Promise<readonly string[]> {
  const titles = page.getByRole("textbox", { name: /^Title of / });
  return await titles.evaluateAll((all) =>
    all.map((each) => "value" in each ? String(each.value) : "")
  );
}

/** What is in the letter. */
export async function textOf(page: Page): Promise<string> {
  return await page.getByRole("textbox", { name: "The letter" }).inputValue();
}
