/**
 * The codes of all failures: a closed union, each with when it happens.
 *
 * Types alone, for `errors.ts`, which has the classes that carry them.
 *
 * @module
 */

/** All codes, with when they happen. A code never changes its meaning; the same codes stand on the wire. */
export type ErrorCode =
  /** An argument has the wrong type or shape. */
  | "ERR_INVALID_ARGUMENT"
  /** An option is unknown, has the wrong type, or contradicts another. */
  | "ERR_INVALID_OPTION"
  /** The environment names only half of a backend, or one that is not to be had. */
  | "ERR_INVALID_ENVIRONMENT"
  /** A key is empty, malformed, or longer than its limit. */
  | "ERR_INVALID_KEY"
  /** An id is empty, malformed, of the wrong type, or longer than its limit. */
  | "ERR_INVALID_ID"
  /** A cursor is malformed, was altered, or belongs to another query. */
  | "ERR_INVALID_CURSOR"
  /** A value cannot be carried by the serializer in use. */
  | "ERR_NOT_SERIALIZABLE"
  /** A value, an entry or a request is larger than its limit. */
  | "ERR_TOO_LARGE"
  /** A value does not satisfy its schema; the error lists the issues. */
  | "ERR_INVALID_VALUE"
  /** What is to be changed is not there. */
  | "ERR_NOT_FOUND"
  /** What is to be created is there already. */
  | "ERR_EXISTS"
  /** Something changed since it was read; the error has what is there now. */
  | "ERR_CONFLICT"
  /** A value that must be unique is held by something else; the error names the field and the owner. */
  | "ERR_UNIQUE"
  /** A token that named one write was used for another. */
  | "ERR_TOKEN_REUSED"
  /** An operation does not have the form that its type wants, or carries what JSON cannot. */
  | "ERR_OP_MALFORMED"
  /** An operation names what no document holds but every object inherits, such as `__proto__`. */
  | "ERR_OP_PATH_FORBIDDEN"
  /** An operation is well-formed, and does not fit the document or the operation that it meets. */
  | "ERR_OP_MISMATCH"
  /** A document or an operation is of a type that is not to be had here. */
  | "ERR_UNKNOWN_TYPE"
  /** A path of a model is malformed, or leads to a whole collection where a document is wanted. */
  | "ERR_INVALID_PATH"
  /** A query does not have the form that the language wants. */
  | "ERR_QUERY_MALFORMED"
  /** A query has an operator that is not in the language; the message names it. */
  | "ERR_QUERY_OPERATOR"
  /** A query's pattern is none that is taken, or has too many states. */
  | "ERR_QUERY_PATTERN"
  /** A query needs an index that the collection does not declare; the message names the fields. */
  | "ERR_NOT_INDEXED"
  /** A live query is to hear of no channel. */
  | "ERR_QUERY_CHANNEL_MISSING"
  /** A rule refuses to show a document of a result. */
  | "ERR_SNAPSHOT_READS_REJECTED"
  /** An operation reaches beyond the fields that a projection shows. */
  | "ERR_OP_NOT_ALLOWED_IN_PROJECTION"
  /** A document that is to be created is there already. */
  | "ERR_DOC_ALREADY_CREATED"
  /** A document that is to be edited or deleted was deleted meanwhile. */
  | "ERR_DOC_WAS_DELETED"
  /** A document that is to be edited or deleted was never created. */
  | "ERR_DOC_DOES_NOT_EXIST"
  /** What a reader or writer has of a document is of another life of it: its data was wiped, or lost its end. */
  | "ERR_DOC_EPOCH"
  /** What is stored of a document has a hole, or holds what is none of ours. */
  | "ERR_DOC_CORRUPT"
  /** An operation is made for a version that the document has not reached. */
  | "ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT"
  /** An operation is made for a version so old that what came since is no longer kept; it was not committed. */
  | "ERR_SUBMIT_TRANSFORM_OPS_NOT_FOUND"
  /** An operation lost the race for the next version as often as it may. */
  | "ERR_MAX_SUBMIT_RETRIES_EXCEEDED"
  /** An operation has become nothing on its way, and its sender asked not to commit it then. */
  | "ERR_NO_OP"
  /** A rule of the server's refuses an operation, and its sender is to take it back without a word. */
  | "ERR_OP_SUBMIT_REJECTED"
  /** A rule of the server's refuses to show a document, and its reader is to go without it without a word. */
  | "ERR_SNAPSHOT_READ_SILENT_REJECTION"
  /** A message of a protocol is no message, or lacks what it must have. */
  | "ERR_MESSAGE_BADLY_FORMED"
  /** The other side speaks another version of a protocol. */
  | "ERR_PROTOCOL_VERSION_NOT_SUPPORTED"
  /** An operation or a presence says that it is of somebody who did not send it. */
  | "ERR_SOURCE_REFUSED"
  /** Presence is asked for where there is none. */
  | "ERR_PRESENCE_DISABLED"
  /** What is asked for is not to be had here. */
  | "ERR_NOT_SUPPORTED"
  /** Operations that are asked for are no longer kept. */
  | "ERR_OPS_TRIMMED"
  /** A creator asked, directly or not, for the key it is creating. */
  | "ERR_RECURSIVE_CREATE"
  /** A time limit passed before the work was done. */
  | "ERR_TIMEOUT"
  /** The store cannot be reached, or answered that it cannot serve now. */
  | "ERR_UNAVAILABLE"
  /** A write was sent and its answer lost: it may or may not have happened. */
  | "ERR_OUTCOME_UNKNOWN"
  /** Credentials are missing or refused. */
  | "ERR_UNAUTHORIZED"
  /** It is known who asks, and what is asked for is not theirs to do. */
  | "ERR_FORBIDDEN"
  /** More requests than the other side takes; try again later. */
  | "ERR_RATE_LIMITED"
  /** A bound that this library keeps is reached: a queue, a batch, a buffer. */
  | "ERR_LIMIT"
  /** A key of the store holds another kind of value. */
  | "ERR_WRONG_TYPE"
  /** A command or a script of ours was refused by the store, or failed there. */
  | "ERR_SCRIPT_FAILED"
  /** Bytes that came from outside do not have the form they must have. */
  | "ERR_MALFORMED"
  /** A store has less than it once acknowledged: it was rolled back, wiped, or lost its tail. */
  | "ERR_STORE_REGRESSED"
  /** What was ended for ever takes no more. */
  | "ERR_SEALED"
  /** What was asked for was trimmed; the error says where what is kept begins. */
  | "ERR_TRIMMED"
  /** A store was taken over by a newer process of the same node, or a writer's fence is not the newest. */
  | "ERR_FENCED"
  /** Another node leads, or none; the error names the leader if it is known. */
  | "ERR_NOT_LEADER"
  /** A proposal was overwritten by another leader's: it has not happened and never will. */
  | "ERR_DISPLACED"
  /** A client session has ended, so that nobody knows whether the command was carried out earlier. It was not now. */
  | "ERR_SESSION_EXPIRED"
  /** The client said that it has the reply, so it is not kept; the command was carried out earlier. */
  | "ERR_REPLY_GONE"
  /** A node that is to join is a member already. */
  | "ERR_ALREADY_MEMBER"
  /** A node belongs to another cluster. */
  | "ERR_OTHER_CLUSTER"
  /** A node is no member of the cluster. */
  | "ERR_NOT_MEMBER"
  /** The last node that can lead cannot leave. */
  | "ERR_LAST_MEMBER"
  /** An earlier change of membership is not finished. */
  | "ERR_CHANGING"
  /** A URL has a protocol that this transport does not speak. */
  | "ERR_UNSUPPORTED_PROTOCOL"
  /** An address cannot be listened on, as another program does. */
  | "ERR_ADDRESS_IN_USE"
  /** Bytes do not match the checksum that came with them. */
  | "ERR_CHECKSUM"
  /** A function of the user's failed while it served a request of somebody else's, who learns no more than this. */
  | "ERR_FAILED"
  /** Something that was closed was used. */
  | "ERR_CLOSED"
  /** A promise of the code to itself is broken: a defect of Holdfast. */
  | "ERR_INVARIANT";
