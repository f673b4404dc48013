/**
 * Programs that the build runs.
 *
 * @module
 */

/**
 * Runs a program to its end and returns what it printed; `env` adds to the environment. Throws, with all that it said,
 * if it fails.
 */
export async function output(
  program: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    cwd,
    env,
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(stdout);
  if (success) return text;
  const said = `${text}${new TextDecoder().decode(stderr)}`.trim();
  throw new Error(`${[program, ...args].join(" ")} failed\n${said}`);
}
