import {
  AuditError,
  type Cosigned,
  type Cosigner,
  formatWitnessVkey,
  parseWitnessVkey,
  proveContinues,
  readLogAt,
  type Witness,
} from '@entente/audit';
import { loadSigner } from '@entente/seal';
import { type MonitorConfig, NONE } from './config.js';
import { type AlarmBell, raiseAlarm } from './raise-alarm.js';
import type { FollowedLog } from './read-logs-file.js';
import type { MonitorStore } from './store.js';

export interface WitnessDeps {
  readonly logs: readonly FollowedLog[];
  readonly store: MonitorStore;
  readonly bell: AlarmBell;
  readonly now: () => number;
  /** Whether a log has two histories could not be found out, or not be told, by a fault of this monitor. */
  readonly onFault: (error: unknown) => void;
}

/**
 * The witness that a nation's monitor is for the logs of the others.
 * @returns undefined if this one is none
 * @throws Error if the key is not for Ed25519
 */
export async function openWitness(
  {
    NATION,
    WITNESS_NAME,
    WITNESS_KEY_FILE,
  }: Pick<MonitorConfig, 'NATION' | 'WITNESS_NAME' | 'WITNESS_KEY_FILE'>,
  deps: WitnessDeps,
): Promise<Witness | undefined> {
  if (WITNESS_NAME === NONE || WITNESS_KEY_FILE === NONE) return undefined;
  const signer = await loadSigner(WITNESS_KEY_FILE);
  if (signer.alg !== 'Ed25519')
    throw new Error(`WITNESS_KEY_FILE holds a key for ${signer.alg}, a witness needs Ed25519`);
  const raw = Buffer.from(String(signer.publicJwk.x), 'base64url');
  const key = parseWitnessVkey(formatWitnessVkey(WITNESS_NAME, raw));
  return witnessFor({ key, sign: signer.signBytes }, NATION, deps);
}

/** A witness for the logs of all nations but its own. */
export function witnessFor(
  cosigner: Cosigner,
  nation: string,
  { logs, store, bell, now, onFault }: WitnessDeps,
): Witness {
  const others = new Map(logs.filter((log) => log.nation !== nation).map((log) => [log.origin, log]));
  return {
    findLog: (origin) => others.get(origin)?.key,
    memory: withFirst(store.witness, others),
    ...{ cosigner, now },
    onUnproved: lookInto(others, bell, onFault),
  };
}

/** What is pinned of a log counts as cosigned, so that the first request has to continue it. */
function withFirst(memory: Witness['memory'], logs: ReadonlyMap<string, FollowedLog>): Witness['memory'] {
  const firstOf = (origin: string) => logs.get(origin)?.first;
  return {
    last: (origin) => memory.last(origin) ?? firstOf(origin),
    advance: (oldSize, next) => {
      const isFirst = memory.last(next.origin) === undefined;
      return memory.advance(isFirst && oldSize === firstOf(next.origin)?.size ? 0 : oldSize, next);
    },
  };
}

/**
 * Whether the log has two histories, or only somebody a wrong proof: the log's own tiles tell. One question at a time, as anybody
 * can make it be asked.
 */
function lookInto(
  logs: ReadonlyMap<string, FollowedLog>,
  bell: AlarmBell,
  onFault: WitnessDeps['onFault'],
): Witness['onUnproved'] {
  let isLooking = false;
  return (cosigned: Cosigned, sent: Cosigned) => {
    const { origin, size } = sent;
    const fork = () => {
      const detail = `it was cosigned with ${cosigned.size} entries, and asks for a cosignature of ${size} that do not continue them`;
      const notes = [cosigned.note, sent.note];
      raiseAlarm(bell, { origin, kind: 'fork', about: 'what is cosigned', detail, notes });
    };
    if (cosigned.size === size) return fork();
    const view = logs.get(origin)?.views[0];
    if (isLooking || view === undefined) return;
    isLooking = true;
    proveContinues(readLogAt(view), cosigned, sent)
      .catch((error: unknown) => {
        if (!(error instanceof AuditError)) throw error;
        // The watch tells of a log that is not shown, or not whole.
        if (error.code === 'unreachable' || error.code === 'node-missing') return;
        if (error.code !== 'consistency-invalid') throw error;
        fork();
      })
      .catch(onFault)
      .finally(() => {
        isLooking = false;
      });
  };
}
