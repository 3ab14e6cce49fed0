import { type CountFitting, gather } from './gather.js';
import { keepBusy } from './keep-busy.js';
import { NO_TRACING, type Tracing } from './tracing.js';

/** Puts bytes on their way to a subject; resolves when they are stored there, however many went with them. */
export type Send = (subject: string, bytes: Uint8Array) => Promise<void>;
/** The same, with the `traceparent` of each of those that are traced. */
export type SendTraced = (
  subject: string,
  bytes: Uint8Array,
  traceparents: readonly string[],
) => Promise<void>;

/** How several become one, and how many do. */
export interface Batching {
  readonly pack: (items: readonly Uint8Array[]) => Uint8Array;
  /** Asked about their sizes in bytes. */
  readonly fitting: CountFitting;
}

/** Under load a message is on its way this much longer at each stage, and a tenth of the messages of the bus are needed. */
const EVERY_MS = 5;
/** Subjects whose way is kept while nothing is under way there. */
const MOST_IDLE = 1024;

/**
 * What goes to one subject while something is on its way there waits, and then goes together with what waits as well: one message
 * of the bus and one acknowledgement for many. Alone, nothing waits. Each subject has a way of its own, so that a nation that cannot
 * be reached keeps no other waiting.
 *
 * @param put stores one, or several packed, under a subject. What it throws, all are told that went together
 */
export function sendTogether(
  put: SendTraced,
  { pack, fitting }: Batching,
  { current }: Pick<Tracing, 'current'> = NO_TRACING,
): Send {
  const wayTo = keepBusy(
    (subject) =>
      gather<Item, void>(
        async (items) => {
          await put(subject, pack(items.map(({ bytes }) => bytes)), traceparentsOf(items));
          return items.map(() => undefined);
        },
        { fitting, sizeOf: ({ bytes }) => bytes.length, everyMs: EVERY_MS },
      ),
    MOST_IDLE,
  );
  return (subject, bytes) => wayTo(subject).add({ bytes, traceparent: current() });
}

interface Item {
  readonly bytes: Uint8Array;
  readonly traceparent: string | undefined;
}

/** Of those that go together, in any order: each says itself which trace it is of. */
export function traceparentsOf(
  items: readonly { readonly traceparent: string | undefined }[],
): readonly string[] {
  return items.flatMap(({ traceparent }) => traceparent ?? []);
}
