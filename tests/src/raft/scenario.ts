/**
 * Scenarios that a person can read: texts of commands and of what they lead to.
 *
 * ```text
 * # a comment
 * tick n1 10
 * ----
 * n1 is preCandidate in term 1
 * n1 > n2 requestPreVote term 2, last 1@1
 * ```
 *
 * A block is commands, `----`, and their output up to an empty line; of what is done `quietly` nothing is shown. `index@term` is a place in a log, `n1 > n2` is
 * sent and `n1 < n2` received by n1. {@linkcode replay} gives the text back with the output that was really seen.
 *
 * @module
 */

import type {
  Entry,
  Membership,
  Message,
  Position,
  RaftEvent,
  Ready,
  StoreWrite,
} from "../../../src/raft/core/mod.ts";
import { Cluster } from "./cluster.ts";
import { text } from "./test_node.ts";

/** Runs a scenario, and writes down what it leads to. */
export function replay(source: string): string {
  const scenario = new Scenario();
  return source.trim().split(/\n\n+/).map((block) => {
    const lines = block.split("\n");
    const commands = lines.slice(0, lines.includes("----") ? lines.indexOf("----") : undefined);
    const isComment = (line: string) => line.startsWith("#");
    if (commands.every(isComment)) return block;
    const output = commands.filter((line) => !isComment(line)).flatMap((line) =>
      scenario.run(line)
    );
    const isQuiet = commands.every((line) => isComment(line) || isSilent(line));
    if (isQuiet && output.length === 0) return commands.join("\n");
    return [...commands, "----", ...(output.length > 0 ? output : ["(nothing)"])].join("\n");
  }).join("\n\n") + "\n";
}

/** Whether a command is one that shows nothing by its nature. */
function isSilent(line: string): boolean {
  return /^(quietly|cluster|join|isolate|heal|crash|block)/.test(line);
}

class Scenario {
  #cluster = new Cluster([]);
  #lines: string[] = [];

  /** Runs one command, and returns what was seen. */
  run(line: string): readonly string[] {
    const isQuiet = line.startsWith("quietly ");
    const [command = "", ...words] = line.split(/ +/).slice(isQuiet ? 1 : 0);
    const [id = ""] = words;
    this.#lines = [];
    this.#do(command, id, words);
    return isQuiet ? [] : this.#lines;
  }

  #do(command: string, id: string, words: readonly string[]): void {
    const cluster = this.#cluster;
    switch (command) {
      case "cluster":
        this.#cluster = new Cluster(words);
        this.#cluster.onReady = (node, ready) => this.#see(node, ready);
        return;
      case "join":
        cluster.add(id, {});
        return;
      case "tick":
        return cluster.tick(id, Number(words[1] ?? 1));
      case "run":
        return cluster.run(Number(id));
      case "deliver":
        return this.#deliver((message) => matches(message, words));
      case "settle":
        return this.#deliver(() => true);
      case "lose":
        for (const message of cluster.lose((each) => matches(each, words))) {
          this.#lines.push(`lost: ${sent(message)}`);
        }
        return;
      case "propose":
        return this.#answer(cluster.propose(id, ...words.slice(1)));
      case "change":
        return this.#answer(cluster.change(id, list(words, "voters"), list(words, "learners")));
      case "transfer":
        cluster.node(id).answer = undefined;
        cluster.step(id, { kind: "transfer", to: words[1] ?? "" });
        return this.#answer(cluster.node(id).answer);
      case "read":
        cluster.step(id, { kind: "read", id: Number(words[1]) });
        return;
      case "compact": {
        const snapshot = cluster.compact(id, [1, 2, 3]);
        this.#lines.push(`${id} has a snapshot of ${place(snapshot)}`);
        return;
      }
      case "block":
      case "unblock":
      case "crash":
      case "isolate":
        return cluster[command](id);
      case "restart":
        cluster.restart(id);
        return;
      case "heal":
        return cluster.heal();
      case "log":
        for (const each of words) this.#lines.push(`${each}: ${this.#log(each)}`);
        return;
      default:
        throw new Error(`there is no command ${command}`);
    }
  }

  #deliver(accepts: (message: Message) => boolean): void {
    const { deliver } = this.#cluster;
    this.#cluster.deliver = (message) => {
      this.#lines.push(`${message.to} < ${message.from} ${said(message)}`);
      deliver.call(this.#cluster, message);
    };
    this.#cluster.settle(accepts);
    this.#cluster.deliver = deliver;
  }

  #see(id: string, ready: Ready): void {
    for (const event of ready.events) this.#lines.push(`${id} ${happened(event)}`);
    for (const write of ready.writes) this.#lines.push(`${id} writes ${written(write)}`);
    for (const message of ready.messages) this.#lines.push(sent(message));
    for (const message of ready.messagesAfterStored) {
      this.#lines.push(`${sent(message)} (once stored)`);
    }
    if (ready.restore !== undefined) this.#lines.push(`${id} restores ${place(ready.restore)}`);
    if (ready.committed.length > 0) {
      this.#lines.push(`${id} applies ${ready.committed.map(shown).join(" ")}`);
    }
    for (const read of ready.reads) {
      const end = read.kind === "ready"
        ? `may be served at ${read.index}`
        : `failed: ${read.reason}`;
      this.#lines.push(`${id} read ${read.id} ${end}`);
    }
    for (const fetch of ready.fetches) {
      const what = fetch.kind === "entries"
        ? `entries from ${fetch.from}`
        : `piece at ${fetch.offset}`;
      this.#lines.push(`${id} fetches ${what} for ${fetch.peer}`);
    }
  }

  #answer(answer: Ready["answer"]): void {
    if (answer === undefined) return;
    this.#lines.unshift(
      answer.kind === "accepted"
        ? `accepted at ${answer.index}@${answer.term}`
        : `refused: ${answer.reason}, leader ${answer.leader ?? "unknown"}`,
    );
  }

  #log(id: string): string {
    const { store, core } = this.#cluster.node(id);
    const { base, entries } = store.state;
    const start = base.index > 0 ? `(${place(base)}) ` : "";
    return `${start}${entries.map(place).join(" ")}, commit ${core.status().commit}`;
  }
}

function matches(message: Message, words: readonly string[]): boolean {
  return words.every((word) => {
    if (word.startsWith("to=")) return word === `to=${message.to}`;
    if (word.startsWith("from=")) return word === `from=${message.from}`;
    return word.split("|").includes(message.kind);
  });
}

function list(words: readonly string[], name: string): readonly string[] {
  const word = words.find((each) => each.startsWith(`${name}=`));
  return word?.slice(name.length + 1).split(",").filter((id) => id !== "") ?? [];
}

function place({ index, term }: Position): string {
  return `${index}@${term}`;
}

function shown(entry: Entry): string {
  switch (entry.kind) {
    case "command":
      return `${place(entry)}"${text(entry.data)}"`;
    case "membership":
      return `${place(entry)}${members(entry.membership)}`;
    case "blank":
    case "witnessed":
      return place(entry);
  }
}

function members({ voters, outgoing, learners }: Membership): string {
  const ids = (each: Membership["voters"]) => each.map(({ id }) => id).join(",");
  const before = outgoing.length > 0 ? ` from ${ids(outgoing)}` : "";
  const beside = learners.length > 0 ? ` with ${ids(learners)}` : "";
  return `{${ids(voters)}${before}${beside}}`;
}

function happened(event: RaftEvent): string {
  switch (event.kind) {
    case "role":
      return `is ${event.role} in term ${event.term}`;
    case "leader":
      return `knows ${event.leader ?? "no leader"} in term ${event.term}`;
    case "membership":
      return `has members ${members(event.membership)} from ${event.index} on`;
    case "caughtUp":
      return `sees that ${event.id} has caught up`;
    case "transferEnded":
      return `handed over to ${event.to}: ${event.isDone ? "done" : "given up"}`;
    case "stopped":
      return `stops: ${event.reason}`;
  }
}

function written(write: StoreWrite): string {
  switch (write.kind) {
    case "save": {
      const { hardState, append } = write;
      const vote = hardState?.vote === undefined ? "no vote" : `vote ${hardState.vote}`;
      const term = hardState === undefined ? [] : [`term ${hardState.term}, ${vote}`];
      const log = append === undefined
        ? []
        : [`after ${place(append.prev)}: ${append.entries.map(shown).join(" ")}`];
      return [`#${write.sequence}`, ...term, ...log].join(" ");
    }
    case "stage":
      return `#${write.sequence} ${write.data.length} bytes at ${write.offset} of ${
        place(write.snapshot)
      }`;
    case "install":
      return `#${write.sequence} snapshot ${place(write.snapshot)}`;
  }
}

function sent(message: Message): string {
  return `${message.from} > ${message.to} ${said(message)}`;
}

function said(message: Message): string {
  return `${message.kind} term ${message.term}${content(message)}`;
}

function content(message: Message): string {
  switch (message.kind) {
    case "requestPreVote":
    case "requestVote":
      return `, last ${place(message.last)}`;
    case "preVote":
    case "vote":
      return message.isGranted ? ", yes" : ", no";
    case "appendEntries": {
      const entries = message.entries.map(shown).join(" ");
      return `, after ${place(message.prev)}: ${
        entries === "" ? "none" : entries
      }, commit ${message.commit}`;
    }
    case "appended":
      return `, match ${message.match}`;
    case "appendRefused":
      return `, not at ${message.refused}, perhaps at ${place(message.hint)}`;
    case "heartbeat":
      return `, committed ${place(message.committed)}, round ${message.round}`;
    case "heartbeatHeard":
      return `, round ${message.round}`;
    case "installSnapshot":
      return `, ${place(message.snapshot)}: ${message.data.length} bytes at ${message.offset}${
        message.isLast ? ", last" : ""
      }`;
    case "snapshotProgress":
      return message.hasAll ? ", has all" : `, wants ${message.offset}`;
    case "readIndex":
      return `, index ${message.index}`;
    case "timeoutNow":
    case "requestReadIndex":
      return "";
  }
}
