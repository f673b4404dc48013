/**
 * Work in order: a task that touches several lanes starts when it is the first in each of them, and those behind it
 * start when it is done. Tasks enter all their lanes at once, so none ever waits for one that waits for it.
 *
 * @module
 */

/** Tasks in the order in which they came; the first is at work. Empty lanes hold nothing. */
export interface Lane<Task> {
  /** The tasks; `undefined` for none. */
  tasks: Task[] | undefined;
}

/** What a task needs to be led through lanes. */
export interface Laned {
  /** The lanes that it touches. */
  readonly lanes: readonly Lane<Laned>[];
  /** How many of them have others before it. */
  waits: number;
}

/** Puts a task behind all others of its lanes. Gives whether it may start at once. */
export function enter(task: Laned): boolean {
  for (const lane of task.lanes) {
    if (lane.tasks === undefined) lane.tasks = [task];
    else {
      task.waits++;
      lane.tasks.push(task);
    }
  }
  return task.waits === 0;
}

/** Takes a task that is done out of its lanes. Gives those that may start now. */
export function leave<Task extends Laned>(task: Task): Task[] {
  const free: Task[] = [];
  for (const lane of task.lanes) {
    lane.tasks?.shift();
    // Every task of a lane is of the kind of the one that leaves it.
    const next = lane.tasks?.[0] as Task | undefined;
    if (next === undefined) lane.tasks = undefined;
    else if (--next.waits === 0) free.push(next);
  }
  return free;
}
