/**
 * A real PostgreSQL of a test's own: in a temporary folder, on a socket and a free port, gone with the test.
 *
 * PostgreSQL refuses to run as root, so where this is root it runs as a user without rights. A shell beside it waits for
 * the end of its own input, and stops the server then: so it is gone as well when the whole test run is killed.
 *
 * @module
 */

import { freePort, output } from "../process.ts";

/** A running server. */
export interface PostgresServer extends AsyncDisposable {
  /** Where `pg` connects: host, port, user and database. */
  readonly connection: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly database: string;
  };
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
  /** Starts it again in the same folder and at the same place. */
  start(): Promise<void>;
}

/** What to do on a machine without PostgreSQL, in one line. */
export const POSTGRES_ADVICE = "no postgres found: install Debian's postgresql";

const USERS = ["postgres", "nobody"];
const INSTALLED = "/usr/lib/postgresql";
const START_MS_MAX = 120_000;

/** The folder of PostgreSQL's newest programs; `undefined` if there are none. */
export function findPostgres(): string | undefined {
  try {
    const versions = [...Deno.readDirSync(INSTALLED)].map(({ name }) => Number(name));
    const newest = Math.max(...versions.filter(Number.isFinite));
    const folder = `${INSTALLED}/${newest}/bin`;
    return Deno.statSync(`${folder}/postgres`).isFile ? folder : undefined;
  } catch {
    // A machine without it.
    return undefined;
  }
}

/** Registers a test that needs PostgreSQL: skipped where there is none, failing instead where `REQUIRE_POSTGRES=1`. */
export function postgresTest(name: string, run: () => Promise<void>): void {
  if (findPostgres() !== undefined) Deno.test(name, run);
  else if (Deno.env.get("REQUIRE_POSTGRES") === "1") {
    Deno.test(name, () => Promise.reject(new Error(POSTGRES_ADVICE)));
  } else Deno.test({ name, ignore: true, fn: run });
}

/** Starts a server with an empty database. Stop it with `await using`. */
export async function startPostgres(): Promise<PostgresServer> {
  const bin = findPostgres();
  if (bin === undefined) throw new Error(POSTGRES_ADVICE);
  const folder = await Deno.makeTempDir({ prefix: "holdfast-postgres-" });
  const user = await owner(folder);
  const data = `${folder}/data`;
  await output(...as(user, `${bin}/initdb`, ["-D", data, "-U", "tests", "-A", "trust", "-N"]));
  const port = freePort();
  const spawned = async () => {
    const args = ["-D", data, "-p", String(port), "-k", folder, "-h", "", "-c", "fsync=on"];
    const child = spawn(user, `${bin}/postgres`, args);
    await ready(user, bin, folder, port);
    return child;
  };
  let child = await spawned();
  const connection = { host: folder, port, user: "tests", database: "postgres" };
  return {
    connection,
    kill: () => stopped(child),
    start: async () => {
      child = await spawned();
    },
    [Symbol.asyncDispose]: async () => {
      await stopped(child);
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Who is to run the server; the folder is his then. */
async function owner(folder: string): Promise<string | undefined> {
  if (Deno.uid() !== 0) return undefined;
  for (const user of USERS) {
    try {
      await output("chown", [user, folder]);
      return user;
    } catch {
      // No such user on this machine.
    }
  }
  throw new Error("Cannot start postgres as root, and there is no user without rights");
}

/** A program and its arguments, as another user if one is given. */
function as(user: string | undefined, program: string, args: readonly string[]) {
  const [first, ...rest] = user === undefined ? [program, ...args] : [
    "setpriv",
    `--reuid=${user}`,
    `--regid=${user === "nobody" ? "nogroup" : user}`,
    "--clear-groups",
    program,
    ...args,
  ];
  return [first ?? program, rest] as const;
}

/** SIGQUIT: the server ends at once and recovers when it is started again. */
const LEASH =
  'exec 3<&0; (read _ <&3; kill -QUIT $$) >/dev/null 2>&1 & exec "$0" "$@" 3<&- </dev/null';

function spawn(user: string | undefined, program: string, args: readonly string[]) {
  const [first, rest] = as(user, program, args);
  return new Deno.Command("/bin/sh", {
    args: ["-c", LEASH, first, ...rest],
    cwd: "/",
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
}

async function stopped(child: Deno.ChildProcess): Promise<void> {
  await child.stdin.close().catch(() => {
    // It is stopped already.
  });
  await child.status;
}

async function ready(
  user: string | undefined,
  bin: string,
  folder: string,
  port: number,
): Promise<void> {
  const args = ["-h", folder, "-p", String(port), "-q", "-t", "1"];
  for (const end = Date.now() + START_MS_MAX; Date.now() < end;) {
    const [first, rest] = as(user, `${bin}/pg_isready`, args);
    const { success } = await new Deno.Command(first, { args: [...rest] }).output();
    if (success) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("Cannot start postgres as it does not come up");
}
