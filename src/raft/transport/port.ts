/**
 * What a node needs of a network: to send a message to a node's URL, and to be told what comes in.
 *
 * Messages, not calls: an answer is a message of its own and says what it answers, so a late one is never taken for
 * another's. A message may be lost, doubled, delayed and reordered; a transport never waits for one and keeps a bounded
 * number of them.
 *
 * @module
 */

import type { Clock } from "../../clock.ts";
import type { Random } from "../../random.ts";
import type { Message } from "../core/message.ts";

/** Asks a node who it is, before it is a member of anything. */
export interface Identify {
  /** Says which variant this is. */
  readonly kind: "identify";
  /** The cluster of who asks. */
  readonly cluster: string;
  /** Who asks. */
  readonly from: string;
  /** Who is asked. */
  readonly to: string;
  /** The number of the question. */
  readonly question: number;
}

/** The answer to {@linkcode Identify}. */
export interface Identity {
  /** Says which variant this is. */
  readonly kind: "identity";
  /** The cluster of who answers. */
  readonly cluster: string;
  /** Who answers. */
  readonly from: string;
  /** Who asked. */
  readonly to: string;
  /** The question that is answered. */
  readonly question: number;
  /** Which life of its store it is in; 0 if the store is not open yet. */
  readonly incarnation: number;
  /** Whether it keeps no commands. */
  readonly isWitness: boolean;
  /** The members that it knows of; none if it never was one itself. */
  readonly members: readonly string[];
  /** What it tells of itself, as JSON. */
  readonly meta: string;
}

/** Everything that nodes say to each other. */
export type PeerMessage = Message | Identify | Identity;

/** What happens to the way to one node. */
export interface LinkEvent {
  /** What. */
  readonly kind: "connecting" | "connected" | "reconnected" | "disconnected";
  /** The node's URL. */
  readonly peer: string;
  /** Why, if it ended: a short word, such as `closed`, `refused`, `unauthenticated`. */
  readonly reason?: string;
}

/** What a transport is given of the node that uses it. */
export interface TransportHost {
  /** The node's own URL, which is its name. */
  readonly url: string;
  /** The cluster's name. */
  readonly cluster: string;
  /** Where time is read. */
  readonly clock: Clock;
  /** Where dice are rolled. */
  readonly random: Random;
  /** A message came in. */
  receive(message: PeerMessage): void;
  /** Messages to this node are probably lost. */
  unreachable(peer: string): void;
  /** Something happened to the way to a node. */
  happened(event: LinkEvent): void;
}

/** Counters of a transport; those that are refused stand by their reason. */
export interface TransportCounters {
  /** Messages that were sent. */
  readonly sent: number;
  /** Messages that came in. */
  readonly received: number;
  /** Bytes that were sent. */
  readonly bytesSent: number;
  /** Bytes that came in. */
  readonly bytesReceived: number;
  /** Messages that were dropped because the way was closed or full. */
  readonly dropped: number;
  /** Connections or frames that were ended or refused, by reason. */
  readonly refused: Readonly<Record<string, number>>;
}

/** A transport in use by one node. */
export interface TransportLink {
  /** Sends a message to the node that it names, or drops it. Never waits, never throws. */
  send(message: PeerMessage): void;
  /** What it has done so far. */
  counters(): TransportCounters;
  /** Stops listening, and ends every connection. */
  close(): Promise<void>;
}

/** A way for nodes to reach each other. */
export interface Transport {
  /** The protocols of the URLs that it reaches, such as `tcp:`. */
  readonly protocols: readonly string[];
  /**
   * Begins to listen at the node's URL.
   *
   * @throws {HoldfastError} `ERR_ADDRESS_IN_USE`, or `ERR_UNAVAILABLE` if it cannot listen there for another reason.
   */
  open(host: TransportHost): Promise<TransportLink>;
}
