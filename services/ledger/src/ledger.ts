import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { formatVkey, type NoteSigner, parseVkey } from '@entente/audit';
import type { Bus } from '@entente/bus';
import { subjects } from '@entente/contract';
import { type Logger, repeat } from '@entente/runtime';
import type { Signer } from '@entente/seal';
import { appendBatch, type ErasureRequest, type Log } from './append-batch.js';
import { checkLog } from './check-log.js';
import { createImage } from './image.js';
import type { Meter } from './meter.js';
import { createQueue } from './queue.js';
import { createRetention } from './retain.js';
import { openStore } from './store.js';

export interface LedgerDeps {
  readonly nation: string;
  readonly origin: string;
  readonly dataDir: string;
  readonly retentionDays: number;
  readonly signer: Signer;
  readonly bus: Bus;
  readonly logger: Logger;
  readonly meter: Meter;
  readonly now: () => number;
}

const MAX_BATCH = 256;
const RETAIN_EVERY_MS = 5000;

/** The service that alone writes a nation's log. */
export function createLedger(deps: LedgerDeps) {
  const tilesDir = join(deps.dataDir, 'log');
  mkdirSync(tilesDir, { recursive: true, mode: 0o755 });
  const store = openStore(join(deps.dataDir, 'ledger.sqlite'));
  const log: Log = {
    nation: deps.nation,
    origin: deps.origin,
    signer: noteSigner(deps.origin, deps.signer),
    store,
    image: createImage(tilesDir, store),
    now: deps.now,
  };
  const queue = createQueue(MAX_BATCH, async (requests: readonly (Uint8Array | ErasureRequest)[]) => {
    const startedMs = performance.now();
    const replies = await appendBatch(log, requests);
    deps.meter.batch(requests.length, performance.now() - startedMs);
    return replies;
  });
  deps.meter.watch(() => store.head().size, queue.waiting);
  let isOpen = false;
  const retain = createRetention({
    ...{ log, days: deps.retentionDays, dir: deps.dataDir, logger: deps.logger },
    erase: async (request) => await queue.add(request),
  });
  let retaining: (() => Promise<void>) | undefined;
  let service: { stop: () => Promise<void> } | undefined;

  return {
    needs: () => ({ nation: deps.bus.connected, log: isOpen }),
    start: async () => {
      checkLog(log, tilesDir);
      // A crash may have come between the transaction and its image: all of it is written again.
      log.image.catchUp();
      service = deps.bus.serve(subjects.append, async (bytes) => await queue.add(bytes), {
        maxInFlight: 4 * MAX_BATCH,
      });
      retaining = repeat(RETAIN_EVERY_MS, retain, (error) =>
        deps.logger.error({ err: error }, 'ALARM: what is over cannot be erased'),
      );
      isOpen = true;
      deps.logger.info({ origin: deps.origin, size: store.head().size }, 'the log is open');
    },
    stop: async () => {
      isOpen = false;
      await retaining?.();
      await service?.stop();
      await queue.idle();
      await deps.bus.close();
      store.close();
    },
  };
}

function noteSigner(origin: string, signer: Signer): NoteSigner {
  // The x of another curve can pass for an Ed25519 key: the first append would fail, and every one after it.
  if (signer.alg !== 'Ed25519')
    throw new Error(`KEY_FILE holds a key for ${signer.alg}, a log needs Ed25519`);
  const raw = Buffer.from(String(signer.publicJwk.x), 'base64url');
  return { key: parseVkey(formatVkey(origin, raw)), sign: signer.signBytes };
}
