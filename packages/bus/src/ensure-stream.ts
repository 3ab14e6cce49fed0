import { differences, requireSame } from './compare-config.js';
import { configOf, infoUnlessMissing, isRefusal, type Json, jsApi, numberIn } from './js-api.js';
import { checkPattern, checkStreamName } from './names.js';
import type { Replies } from './replies.js';

export interface StreamConfig {
  readonly name: string;
  readonly subjects: readonly string[];
  /** Not below the longest time to live of a message. */
  readonly maxAgeMs: number;
  /** When it is full, publishing fails: nothing stored is thrown out for it. */
  readonly maxBytes: number;
  readonly maxMessageBytes: number;
  /** Messages of one subject, beyond which publishing on it fails, and on the others goes on; default: no limit. */
  readonly maxPerSubject?: number;
  /** Keeps the last message of each subject until it is too old, for `readLast`; no consumer takes it away. */
  readonly keepsLast?: boolean;
  /** Servers that keep a copy; default 1. */
  readonly replicas?: number;
}

export interface StreamState {
  /** Whether it was not there. */
  readonly isNew: boolean;
  /** That it holds; each of ours may be a batch of many. */
  readonly messages: number;
}

const NANOS = 1_000_000;
const DUPLICATE_WINDOW_MS = 100;

/**
 * Makes the stream what it should be and checks that it is. It holds a message until its consumer has settled it.
 * To be called again after each reconnection: the server may have come back with less than it had.
 * @throws BusError `config-mismatch` if the server runs it otherwise, or what {@link jsApi} throws
 */
export async function ensureStream(replies: Replies, config: StreamConfig): Promise<StreamState> {
  const asked = wireConfig(config);
  const name = checkStreamName(config.name);
  const info = await infoUnlessMissing(replies, `STREAM.INFO.${name}`);
  if (!info) {
    requireSame(`stream ${name}`, asked, configOf(await jsApi(replies, `STREAM.CREATE.${name}`, asked)));
  } else if (differences(asked, configOf(info)).length > 0) {
    const updated = await jsApi(replies, `STREAM.UPDATE.${name}`, asked).catch((cause: unknown) => {
      // Some fields cannot be changed: say which differ, not only that the server refused.
      if (isRefusal(cause)) requireSame(`stream ${name}`, asked, configOf(info), cause);
      throw cause;
    });
    requireSame(`stream ${name}`, asked, configOf(updated));
  }
  return { isNew: info === undefined, messages: info ? numberIn(info.state, 'messages') : 0 };
}

function wireConfig({
  name,
  subjects,
  maxAgeMs,
  maxBytes,
  maxMessageBytes,
  maxPerSubject,
  keepsLast = false,
  replicas = 1,
}: StreamConfig): Json {
  return {
    name,
    subjects: subjects.map(checkPattern),
    storage: 'file',
    retention: keepsLast ? 'limits' : 'workqueue',
    discard: 'new',
    max_age: maxAgeMs * NANOS,
    max_bytes: maxBytes,
    max_msg_size: maxMessageBytes,
    max_msgs: -1,
    max_msgs_per_subject: keepsLast ? 1 : (maxPerSubject ?? -1),
    discard_new_per_subject: maxPerSubject !== undefined,
    max_consumers: -1,
    num_replicas: replicas,
    no_ack: false,
    allow_rollup_hdrs: false,
    // The least the server takes. We send no ids; whoever does would have it remember them for as long as this.
    duplicate_window: DUPLICATE_WINDOW_MS * NANOS,
    // INVARIANT: with the reply subject of a message, anybody who may publish into a stream makes JetStream send
    // its acknowledgement, {"stream", "seq"}, to the API subjects that purge a stream or delete that message.
    deny_delete: true,
    deny_purge: true,
  };
}
