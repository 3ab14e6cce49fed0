import { type CountFitting, type Gathering, gather } from './gather.js';

/** Puts bytes on their way to a subject; resolves when they are stored there, however many went with them. */
export type Send = (subject: string, bytes: Uint8Array) => Promise<void>;

/** How several become one, and how many do. */
export interface Batching {
  readonly pack: (items: readonly Uint8Array[]) => Uint8Array;
  /** Asked about their sizes in bytes. */
  readonly fitting: CountFitting;
}

/** Under load a message is on its way this much longer at each stage, and a tenth of the messages of the bus are needed. */
const EVERY_MS = 5;

/**
 * What goes to one subject while something is on its way there waits, and then goes together with what waits as well: one message
 * of the bus and one acknowledgement for many. Alone, nothing waits. Each subject has a way of its own, so that a nation that cannot
 * be reached keeps no other waiting.
 *
 * @param put stores one, or several packed, under a subject. What it throws, all are told that went together
 */
export function sendTogether(put: Send, { pack, fitting }: Batching): Send {
  const ways = new Map<string, Gathering<Uint8Array, void>>();
  const openWay = (subject: string) =>
    gather(
      async (items: readonly Uint8Array[]) => {
        await put(subject, pack(items));
        return items.map(() => undefined);
      },
      { fitting, sizeOf: ({ length }) => length, everyMs: EVERY_MS },
    );
  return (subject, bytes) => {
    const way = ways.get(subject) ?? openWay(subject);
    ways.set(subject, way);
    return way.add(bytes);
  };
}
