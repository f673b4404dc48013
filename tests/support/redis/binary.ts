/**
 * Where the real redis-server of the tests comes from: the machine, or, where that is allowed, its package manager.
 *
 * @module
 */

/** What to do on a machine without a redis-server, in one line. */
export const REDIS_ADVICE =
  "no redis-server found, so its tests are skipped: install redis-server 7 and put it on PATH";

/** The redis-server on PATH, or undefined. */
export function findRedis(): string | undefined {
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    const path = `${folder}/redis-server`;
    if (folder !== "" && isFile(path)) return path;
  }
  return undefined;
}

/** Whether tests that need a redis-server must fail where there is none, as in CI. */
export function isRedisRequired(): boolean {
  return Deno.env.get("REQUIRE_REDIS") === "1";
}

/**
 * Finds a redis-server, or installs Debian's where this process may (as root). Returns its path, or undefined where
 * tests will have to do without; `say` is told in one line what happened, if anything did.
 */
export async function ensureRedis(say: (line: string) => void): Promise<string | undefined> {
  const found = findRedis();
  if (found !== undefined) return found;
  if (isFile("/etc/debian_version") && Deno.uid() === 0) {
    say("installing redis-server by apt-get");
    if (!await aptInstall()) {
      await run("apt-get", ["update"]);
      await aptInstall();
    }
  }
  const installed = findRedis();
  if (installed === undefined) say(REDIS_ADVICE);
  return installed;
}

/** The package may want to start a service of its own; the tests have no use for one. */
function aptInstall(): Promise<boolean> {
  return run("apt-get", ["install", "--yes", "--no-install-recommends", "redis-server"], {
    DEBIAN_FRONTEND: "noninteractive",
    RUNLEVEL: "1",
  });
}

async function run(program: string, args: string[], env: Record<string, string> = {}) {
  try {
    const { success } = await new Deno.Command(program, {
      args,
      env,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).output();
    return success;
  } catch {
    // A Debian without apt-get, or no permission to run it: the caller says what to do.
    return false;
  }
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    // Not there, or not to be read: either way none of ours.
    return false;
  }
}
