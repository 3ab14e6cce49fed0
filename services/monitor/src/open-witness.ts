import {
  AuditError,
  type Cosigned,
  type Cosigner,
  formatWitnessVkey,
  type NoteKey,
  parseWitnessVkey,
  proveContinues,
  type ReadLogPath,
  readCheckpointOf,
  readEarlier,
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
    const fork = (detail: string, ...notes: string[]) =>
      raiseAlarm(bell, { origin, kind: 'fork', about: 'what is cosigned', detail, notes });
    const broken = () => {
      const detail = `it was cosigned with ${cosigned.size} entries, and asks for a cosignature of ${size} that do not continue them`;
      fork(detail, cosigned.note, sent.note);
    };
    if (cosigned.size === size) return broken();
    const { key, views: [view] = [] } = logs.get(origin) ?? {};
    if (isLooking || key === undefined || view === undefined) return;
    isLooking = true;
    const read = readLogAt(view);
    proveContinues(read, cosigned, sent)
      .catch(async (error: unknown) => {
        if (!(error instanceof AuditError)) throw error;
        if (error.code === 'consistency-invalid') return broken();
        if (error.code !== 'node-missing' && error.code !== 'unreachable') throw error;
        for (const one of [sent, cosigned]) {
          const shown = await otherThan(read, key, one);
          if (!shown) continue;
          const detail = `it has signed ${one.size} entries that are not the first of the ${shown.size} that it shows`;
          return fork(detail, one.note, shown.note);
        }
      })
      .catch(onFault)
      .finally(() => {
        isLooking = false;
      });
  };
}

/**
 * The tiles here need not be those of what was sent: a log can show one history to everybody, and another one to those who have it
 * cosigned.
 * @returns what is signed here, if the log had by that another tree with as many entries
 */
async function otherThan(read: ReadLogPath, key: NoteKey, one: Cosigned): Promise<Cosigned | undefined> {
  try {
    const { checkpoint, note } = await readCheckpointOf(read, key, one.origin);
    const { root } = await readEarlier(read, one.size, checkpoint);
    return Buffer.compare(root, one.root) === 0 ? undefined : { ...checkpoint, note };
  } catch (error) {
    // The watch tells of a log that is not shown, or not whole; one that has fewer entries yet may have them when it is asked again.
    if (error instanceof AuditError) return undefined;
    throw error;
  }
}
