/**
 * One case of the smoke suite and what came of it, with no runner and no runtime behind them.
 *
 * @module
 */

/** Something that must hold on every runtime. */
export interface Case {
  /** Symbol and behaviour. */
  readonly name: string;
  /** Throws if it does not hold. */
  readonly run: () => void | Promise<void>;
}

/** What came of a case, as plain data that a runtime can print or send. */
export interface Verdict {
  /** The case's name. */
  readonly name: string;
  /** Why it does not hold; nothing if it does. */
  readonly failure?: string;
}

/** How long a case may take, in milliseconds: a promise that never settles must not hang its runtime. */
const CASE_MS_MAX = 60_000;

/** Runs a case. */
export async function judge({ name, run }: Case): Promise<Verdict> {
  let stop = (): void => {};
  const tooLong = new Promise<void>((_resolve, reject) => {
    const error = new Error(`takes longer than ${CASE_MS_MAX} ms`);
    const timer = setTimeout(() => reject(error), CASE_MS_MAX);
    stop = () => clearTimeout(timer);
  });
  try {
    await Promise.race([run(), tooLong]);
    return { name };
  } catch (error) {
    // Whatever a case throws is its verdict.
    return { name, failure: error instanceof Error ? error.stack ?? error.message : String(error) };
  } finally {
    stop();
  }
}

/** Runs cases one after the other. */
export async function judgeAll(cases: readonly Case[]): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const each of cases) verdicts.push(await judge(each));
  return verdicts;
}

/**
 * Runs one case per request, for runtimes that exist only while they answer one: `/` says how many cases there are, and
 * `/3` gives the verdict on the fourth. So what the cases made at module scope is used across requests.
 */
export async function answer(request: Request, cases: readonly Case[]): Promise<Response> {
  const path = new URL(request.url).pathname.slice(1);
  const asked = cases[Number(path)];
  if (path === "" || asked === undefined) return Response.json(cases.length);
  return Response.json(await judge(asked));
}
