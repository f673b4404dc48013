/**
 * The pictures of the README, taken of two windows in which something happens.
 *
 * @module
 */

import { join } from "node:path";
import type { Page } from "playwright-core";
import { ROOT } from "../support/source.ts";

const FOLDER = join(ROOT, "examples", "playground", "screenshots");
/** What is seen around a part, in pixels. */
const MARGIN = 36;

const LETTER = `Dear reader,

this letter is written by two people at once. Neither waits for the other, nothing is locked, and both see the same in the end.

Yours, Ada and Bob`;

/** Takes the pictures: parts in daylight, one at night, and one on a phone. */
export async function photograph(ada: Page, bob: Page): Promise<void> {
  await Deno.mkdir(FOLDER, { recursive: true });
  const clip = { x: 0, y: 0, width: 1280, height: 1010 };
  await ada.screenshot({ path: join(FOLDER, "board.png"), fullPage: true, clip });
  await sitAtDesk(ada, bob);
  await takePart(ada, "desk");
  await bother(ada);
  await takePart(ada, "cluster");
  await ada.emulateMedia({ colorScheme: "dark" });
  await takePart(ada, "cluster", "cluster-dark");
  await ada.emulateMedia({ colorScheme: "light" });
  await ada.getByRole("button", { name: "Heal everything" }).click();
  await takePart(ada, "stampede");
  await ada.setViewportSize({ width: 390, height: 844 });
  await ada.evaluate("document.querySelector('#cluster').scrollIntoView({ behavior: 'instant' })");
  await ada.screenshot({ path: join(FOLDER, "phone.png") });
}

async function takePart(page: Page, part: string, name = part): Promise<void> {
  const { x, y, width, height } = await page.locator(`#${part}`).boundingBox() ??
    { x: 0, y: 0, width: 0, height: 0 };
  const top = await page.evaluate("scrollY");
  const clip = {
    x: x - MARGIN,
    // Below the line between the parts.
    y: y + Number(top) + 2,
    width: width + 2 * MARGIN,
    height: height + MARGIN,
  };
  await page.screenshot({ path: join(FOLDER, `${name}.png`), fullPage: true, clip });
}

async function sitAtDesk(ada: Page, bob: Page): Promise<void> {
  await ada.getByRole("button", { name: "Clear the sketch" }).click();
  await ada.getByRole("textbox", { name: "The letter" }).fill(LETTER);
  await bob.getByText(/Yours, Ada and Bob/).waitFor({ state: "attached" }).catch(() => {});
  for (const at of [0.52, 0.62, 0.72, 0.82]) await wave(ada, at);
  await circle(bob, 0.74, 0.26, 0.09);
  await ada.locator("#sketch .stroke").nth(4).waitFor();
  const letter = bob.getByRole("textbox", { name: "The letter" });
  await letter.focus();
  await letter.press("Control+End");
  for (let step = 0; step < 25; step++) await letter.press("ArrowLeft");
  await ada.getByText(/Bob is in line/).waitFor();
  await ada.evaluate("document.activeElement.blur()");
}

async function wave(page: Page, height: number): Promise<void> {
  await drag(
    page,
    Array.from({ length: 60 }, (_, at): [number, number] => {
      return [0.08 + at / 60 * 0.84, height + 0.035 * Math.sin(at / 4 + height * 20)];
    }),
  );
}

async function circle(page: Page, x: number, y: number, radius: number): Promise<void> {
  await drag(
    page,
    Array.from({ length: 41 }, (_, at): [number, number] => {
      const angle = at / 40 * 2 * Math.PI;
      return [x + radius * Math.cos(angle), y + radius / 0.56 * Math.sin(angle)];
    }),
  );
}

async function drag(page: Page, path: readonly (readonly [number, number])[]): Promise<void> {
  const sketch = page.getByRole("application", { name: "The sketch" });
  await sketch.scrollIntoViewIfNeeded();
  const box = await sketch.boundingBox();
  if (box === null) return;
  for (const [step, [x, y]] of path.entries()) {
    await page.mouse.move(box.x + x * box.width, box.y + y * box.height);
    if (step === 0) await page.mouse.down();
  }
  await page.mouse.up();
}

/** Cuts a link, stops a follower, and waits until the others have gone on for a while. */
async function bother(page: Page): Promise<void> {
  await page.getByRole("radio", { name: "10 times" }).check();
  const follower = page.getByRole("button", { name: /^Node \d, follower/ }).last();
  await follower.click();
  await page.getByRole("button", { name: /^Link between node 1 and node 3/ }).click();
  const leader = page.getByRole("button", { name: /^Node \d, leader/ });
  await leader.waitFor();
  const next = 2 +
    Number(/(\d+) writes? ack/.exec(await page.locator("#cluster-state").innerText())?.[1]);
  await page.getByText(new RegExp(`, (${next}|${next + 1}) writes acknowledged`)).waitFor();
}
