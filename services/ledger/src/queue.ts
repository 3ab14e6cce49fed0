/**
 * Gathers what comes in while a batch is under way into the next batch: alone, a request waits for nobody; under load,
 * one transaction and one checkpoint serve many.
 */
export function createQueue<In, Out>(maxBatch: number, work: (batch: readonly In[]) => Promise<Out[]>) {
  interface Waiting {
    readonly item: In;
    readonly resolve: (out: Out) => void;
    readonly reject: (error: unknown) => void;
  }
  const waiting: Waiting[] = [];
  let running: Promise<void> | undefined;

  const run = async () => {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, maxBatch);
      try {
        const out = await work(batch.map(({ item }) => item));
        for (const [i, { resolve }] of batch.entries()) resolve(out[i] as Out);
      } catch (error) {
        // Nobody of the batch is answered: each asks again, and what was committed all the same is found by its key.
        for (const { reject } of batch) reject(error);
      }
    }
    running = undefined;
  };

  return {
    add: (item: In): Promise<Out> =>
      new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        running ??= new Promise<void>((done) => setImmediate(done)).then(run);
      }),
    waiting: (): number => waiting.length,
    idle: async () => {
      await running;
    },
  };
}
