/**
 * How nodes come and go: a change of membership at a time, each waited for.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import { HoldfastError } from "../errors.ts";
import { allMembers, findMember, isJoint, isVoter, type Member } from "./core/membership.ts";
import type { Answer } from "./core/ready.ts";
import type { RaftStatus } from "./core/status.ts";
import { NotLeaderError, refusalError } from "./node_errors.ts";
import { checkMeta } from "./node_settings.ts";
import type { Identity } from "./transport/port.ts";
import { until, type Watchable } from "./watching.ts";

/** What a change needs of its node. */
export interface ChangingNode extends Watchable {
  readonly url: string;
  readonly cluster: string;
  readonly clock: Clock;
  status(): RaftStatus;
  changeMembership(voters: readonly Member[], learners: readonly Member[]): Answer;
  /** Asks a node who it is, until it answers. */
  identify(url: string, limits: ChangeLimits): Promise<Identity>;
}

/** How long a change may take. */
export interface ChangeLimits {
  /** When it must be done, by the monotonic clock. */
  readonly untilMs: number;
  readonly signal: AbortSignal | undefined;
}

/** What a node joins as. */
export interface Joining extends ChangeLimits {
  /** What is told of it, as JSON; undefined: what it tells of itself. */
  readonly meta: string | undefined;
  /** It decides nothing. */
  readonly standby: boolean;
}

const JOIN = "join a node";
const LEAVE = "have a node leave";

/** Makes a node a member. @throws as `ConsensusNode.join` */
export async function joinMember(node: ChangingNode, url: string, joining: Joining): Promise<void> {
  mustLead(node, JOIN);
  const identity = await node.identify(url, joining);
  checkIdentity(node, identity);
  const { membership } = node.status();
  const current = findMember(membership, url);
  const isSameLife = current?.incarnation === identity.incarnation;
  if (isSameLife && (joining.standby || isVoter(membership, url))) {
    throw new HoldfastError("ERR_ALREADY_MEMBER", `Cannot ${JOIN} as it is a member already`);
  }
  const member: Member = {
    id: url,
    incarnation: identity.incarnation,
    ...(identity.isWitness ? { isWitness: true } : {}),
    meta: joining.meta ?? checkMeta(JOIN, identity.meta),
  };
  // Nobody may count the word of an older life for the new one's.
  if (current !== undefined && !isSameLife && isVoter(membership, url)) {
    await change(node, JOIN, joining, ({ voters, learners }) => [without(voters, url), learners]);
  }
  if (!isSameLife) {
    await change(node, JOIN, joining, ({ voters, learners }) => {
      return [voters, [...without(learners, url), member]];
    });
  }
  if (joining.standby) return;
  await change(node, JOIN, joining, ({ voters, learners }) => {
    return [[...without(voters, url), member], without(learners, url)];
  });
}

/** Makes a node no member any more. @throws as `ConsensusNode.leave` */
export async function leaveMember(
  node: ChangingNode,
  url: string,
  limits: ChangeLimits,
): Promise<void> {
  mustLead(node, LEAVE);
  const { membership } = node.status();
  if (findMember(membership, url) === undefined) {
    throw new HoldfastError("ERR_NOT_MEMBER", `Cannot ${LEAVE} as it is no member`);
  }
  if (!without(membership.voters, url).some(({ isWitness }) => isWitness !== true)) {
    throw new HoldfastError("ERR_LAST_MEMBER", `Cannot ${LEAVE} as it is the last that can lead`);
  }
  await change(node, LEAVE, limits, ({ voters, learners }) => {
    return [without(voters, url), without(learners, url)];
  });
}

type Lists = { readonly voters: readonly Member[]; readonly learners: readonly Member[] };

/** Makes one change, as soon as the leader takes it, and waits until it alone is in force. */
async function change(
  node: ChangingNode,
  action: string,
  { untilMs, signal }: ChangeLimits,
  next: (lists: Lists) => [voters: readonly Member[], learners: readonly Member[]],
): Promise<void> {
  const { clock } = node;
  let last: Extract<Answer, { kind: "refused" }>["reason"] = "changing";
  const wait = (error: () => Error) => {
    return { clock, timeoutMs: Math.max(0, untilMs - clock.monotonic()), signal, error };
  };
  const { index, term } = await until(node, () => {
    const answer = node.changeMembership(...next(node.status().membership));
    if (answer.kind === "accepted") return answer;
    last = answer.reason;
    // Both pass: an earlier change ends, and a standby catches up.
    if (last === "changing" || last === "learnerBehind") return undefined;
    throw refusalError(action, last, answer.leader);
  }, wait(() => refusalError(action, last)));
  await until(node, () => {
    const { commit, membership, membershipIndex, term: now } = node.status();
    const isDone = membershipIndex >= index && commit >= membershipIndex && !isJoint(membership);
    if (isDone) return true;
    if (now !== term) throw unknown(action);
    return undefined;
  }, wait(() => unknown(action)));
}

function mustLead(node: ChangingNode, action: string): void {
  const { role, leader } = node.status();
  if (role !== "leader") throw new NotLeaderError(action, leader);
}

/** A node that knows other members, and not this one, belongs to somebody else. */
function checkIdentity(node: ChangingNode, { cluster, members }: Identity): void {
  const isOurs = cluster === node.cluster &&
    (members.length === 0 || members.includes(node.url) ||
      allMembers(node.status().membership).some(({ id }) =>
        id !== node.url && members.includes(id)
      ));
  if (isOurs) return;
  throw new HoldfastError("ERR_OTHER_CLUSTER", `Cannot ${JOIN} as it belongs to another cluster`);
}

function without(members: readonly Member[], id: string): readonly Member[] {
  return members.filter((member) => member.id !== id);
}

function unknown(action: string): HoldfastError {
  return new HoldfastError(
    "ERR_OUTCOME_UNKNOWN",
    `Cannot tell whether the change happened: ${action} again, and see`,
  );
}
