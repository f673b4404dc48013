/**
 * Waiting for what another process will do, without knowing when.
 *
 * @module
 */

/** The longest wait: ample for a machine that is busy with other things, and still an end. */
const LIMIT_MS = 60_000;
const PAUSE_MS = 5;

/**
 * Resolves once `holds` is true, asking every few milliseconds; so a slow machine makes a test slow and not red.
 *
 * @throws {Error} Naming `what`, if it does not hold in a minute.
 */
export async function eventually(
  what: string,
  holds: () => boolean | Promise<boolean>,
): Promise<void> {
  const endMs = performance.now() + LIMIT_MS;
  while (!await holds()) {
    if (performance.now() > endMs) throw new Error(`Not in ${LIMIT_MS} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
