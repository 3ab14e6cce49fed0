/**
 * - `bad-config`       what the caller passed cannot be used (a name with a wildcard, a seed that is none)
 * - `closed`           this bus was closed
 * - `disconnected`     no connection, or it broke before the answer came: whether the request was carried out is unknown
 * - `timeout`          no answer in time: whether the request was carried out is unknown
 * - `no-stream`        nothing stores this subject: for a crossing, the other nation or the way to it is down
 * - `no-responder`     nobody serves this subject
 * - `not-permitted`    the server does not let this user publish or subscribe there
 * - `not-found`        the stream or the consumer does not exist
 * - `damaged`          a consumer did not deliver what its stream holds
 * - `unreadable`       a stream holds what no consumer can be given: its server's files are damaged
 * - `full`             the stream has no room, for anything or for more on this subject: try again later
 * - `leaderless`       JetStream has no leader here: most servers of the cluster are down, or this one is cut off from them
 * - `refused`          JetStream answered with another error (message too large, …)
 * - `bad-answer`       the answer is not what the protocol allows
 * - `handler-failed`   the service answered that its handler failed: try again
 * - `busy`             the service answered that it has too many requests: try again
 * - `too-large`        over the server's `max_payload`
 * - `server-refused`   this server must not carry live messages
 * - `config-mismatch`  the server runs another configuration than the one asked for
 */
export type BusErrorCode =
  | 'bad-config'
  | 'closed'
  | 'disconnected'
  | 'timeout'
  | 'no-stream'
  | 'no-responder'
  | 'not-permitted'
  | 'not-found'
  | 'damaged'
  | 'unreadable'
  | 'full'
  | 'leaderless'
  | 'refused'
  | 'bad-answer'
  | 'handler-failed'
  | 'busy'
  | 'too-large'
  | 'server-refused'
  | 'config-mismatch';

/** The only error this package throws. Every code but `bad-config`, `server-refused` and `config-mismatch` may pass by itself. */
export class BusError extends Error {
  override readonly name = 'BusError';
  readonly code: BusErrorCode;

  constructor(code: BusErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}
