import { spaceOut } from './space-out.js';

/** How many of what waits go together, from the first on; at least one. */
export type CountFitting = (sizes: readonly number[]) => number;

export interface Gathering<In, Out> {
  readonly add: (item: In) => Promise<Out>;
  readonly waiting: () => number;
  readonly isIdle: () => boolean;
  /** Resolves when nothing is under way and nothing waits. */
  readonly idle: () => Promise<void>;
}

/**
 * Gathers what comes in while a group is under way into the next one: alone, an item waits for nobody; under load, one piece of
 * work serves many. Two groups begin `everyMs` apart at least, unless one is full before.
 *
 * @param work gives one result for each item, in their order. What it throws, each of the group is told: nobody knows how far it came
 * @param sizeOf what `fitting` is asked about
 */
export function gather<In, Out>(
  work: (items: readonly In[]) => Promise<readonly Out[]>,
  {
    fitting,
    sizeOf = () => 0,
    everyMs = 0,
  }: {
    readonly fitting: CountFitting;
    readonly sizeOf?: (item: In) => number;
    readonly everyMs?: number;
  },
): Gathering<In, Out> {
  interface Waiting {
    readonly item: In;
    readonly size: number;
    readonly resolve: (out: Out) => void;
    readonly reject: (error: unknown) => void;
  }
  const waiting: Waiting[] = [];
  let running: Promise<void> | undefined;
  const myTurn = spaceOut(everyMs);
  const isFull = () => fitting(waiting.map(({ size }) => size)) < waiting.length;

  const run = async () => {
    while (waiting.length > 0) {
      if (everyMs > 0 && !isFull()) await myTurn();
      const group = waiting.splice(0, Math.max(1, fitting(waiting.map(({ size }) => size))));
      try {
        const out = await work(group.map(({ item }) => item));
        for (const [i, { resolve }] of group.entries()) resolve(out[i] as Out);
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    running = undefined;
  };

  return {
    add: (item) =>
      new Promise((resolve, reject) => {
        waiting.push({ item, size: sizeOf(item), resolve, reject });
        running ??= new Promise<void>((done) => setImmediate(done)).then(run);
      }),
    waiting: () => waiting.length,
    isIdle: () => running === undefined,
    idle: async () => {
      await running;
    },
  };
}

/** Up to so many, however large. */
export const atMost =
  (most: number): CountFitting =>
  (sizes) =>
    Math.min(most, sizes.length);
