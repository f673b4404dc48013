/**
 * What the doors give: which name of which module a user can import, and where.
 *
 * @module
 */

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Library } from "./modules.ts";
import { type Project, specifierOf } from "./project.ts";

/** For each module of a library, by its absolute path, a module of the same names on top of the package's doors. */
export type Facades = ReadonlyMap<string, string>;

/**
 * Writes, for each module, what of it the doors hand out: `export { x } from "package/door"`. What no door hands out is
 * missing there, so that a test on top of the facades cannot use it.
 *
 * The modules are loaded to find out; a name counts if a door gives the very same thing under it, the module's own door
 * before all others.
 */
export async function facadesOf(project: Project, library: Library): Promise<Facades> {
  const doors = new Map<string, Readonly<Record<string, unknown>>>();
  for (const [door, path] of project.doors) doors.set(door, await namesOf(project, path));
  const facades = new Map<string, string>();
  for (const { path, isLoaded } of library.modules.values()) {
    const names = isLoaded ? Object.entries(await namesOf(project, path)) : [];
    const lines = names.map(([name, value]) => {
      const giving = [...doors].filter(([, given]) =>
        name in given && Object.is(given[name], value)
      )
        .map(([door]) => door);
      const door = giving.find((own) => project.doors.get(own) === path) ?? giving[0];
      return door === undefined ? "" : `export { ${name} } from "${specifierOf(project, door)}";\n`;
    });
    facades.set(join(project.root, path), lines.join(""));
  }
  return facades;
}

/** The names that each door gives, in the order of the doors, sorted. */
export function namesOfDoors(project: Project): Promise<string[][]> {
  return Promise.all([...project.doors.values()].map(async (path) => {
    return Object.keys(await namesOf(project, path)).sort();
  }));
}

async function namesOf(project: Project, path: string): Promise<Record<string, unknown>> {
  return await import(pathToFileURL(join(project.root, path)).href) as Record<string, unknown>;
}
