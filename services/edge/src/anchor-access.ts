import { LIMITS, newId, SYSTEM, wire } from '@entente/contract';
import type { SqlDatabase } from '@entente/runtime';
import { sealStatement } from '@entente/seal';
import type { AccessEntry } from './access-log.js';
import type { RequestRow } from './request-store.js';
import type { Edge } from './state.js';

const DAY_MS = 86_400_000;

/** What of the access log went on record, or is on its way there. */
export interface Anchor {
  readonly size: number;
  readonly root: Uint8Array;
  readonly request: RequestRow;
}

export type AnchorStore = ReturnType<typeof openAnchorStore>;

export function openAnchorStore(db: SqlDatabase, find: (id: string) => RequestRow | undefined) {
  const sql = {
    insert: db.prepare('INSERT INTO access_anchor (request_id, size, root) VALUES (?, ?, ?)'),
    list: db.prepare('SELECT * FROM access_anchor ORDER BY size DESC LIMIT ?'),
  };
  const list = (limit: number): Anchor[] =>
    sql.list.all(limit).flatMap(({ request_id: id, size, root }) => {
      const request = find(String(id));
      return request ? [{ size: Number(size), root: root as Uint8Array, request }] : [];
    });
  return Object.freeze({
    insert: (id: string, size: number, root: Uint8Array): void => void sql.insert.run(id, size, root),
    /** Newest first. */
    list,
    /** How many entries the log of the nation vouches for. */
    loggedSize: (): number => list(50).find(({ request }) => request.state === 'logged')?.size ?? 0,
  });
}

/**
 * Has the access log put on record by the nation's own gate: when a day on which it grew is over by the edge's clock, or as soon as the edge runs
 * after that, and whenever a person asks. So an anchor says nothing of when somebody looked. The gate learns size and root, and neither who nor
 * what.
 * @returns whether there is a new anchor
 * @throws ClockDiffers
 */
export async function anchorAccess(edge: Edge, isAsked = false): Promise<boolean> {
  const { size, root } = edge.access.head();
  const [newest] = edge.anchors.list(1);
  // One after the other: each proves that it continues the one before it.
  if (newest?.request.state === 'sent') return false;
  const oldSize = edge.anchors.loggedSize();
  if (size === oldSize || !(isAsked || isDayOver(edge, oldSize, newest))) return false;
  edge.clock.check();
  const access = { size, root, oldSize, consistency: edge.access.consistency(oldSize, size) };
  const { id, caseId, createdMs, expiresMs, ...draft } = draftOf(edge);
  const header = { ...draft, id, caseId, issuedAtMs: createdMs, expiresAtMs: expiresMs };
  const statement = { atMs: createdMs, about: [], access };
  const sealed = await sealStatement(header, statement, edge.signer, wire.Kind.KIND_ANCHOR);
  return await edge.commit(() => {
    // Somebody has asked while this one was sealed: two that continue the same one would look like two logs.
    if (edge.anchors.list(1)[0]?.request.id !== newest?.request.id) return false;
    edge.requests.insert({ id, ...sealed, kind: 'anchor', createdMs, expiresMs });
    edge.anchors.insert(id, size, root);
    return true;
  });
}

/** Whether what is not on record yet began on a day before today. One that was refused is asked for again the next day. */
function isDayOver(edge: Edge, oldSize: number, newest: Anchor | undefined): boolean {
  const today = dayOf(edge.now());
  if (newest && dayOf(newest.request.createdMs) === today) return false;
  const [first] = edge.access.list(oldSize, 1);
  return first !== undefined && dayOf((JSON.parse(first.entry) as AccessEntry).at_ms) < today;
}

function draftOf(edge: Edge) {
  const createdMs = edge.now();
  const role = edge.directory().member(edge.member, createdMs).roles[0] ?? '';
  return {
    ...{ profile: edge.profile, id: newId(), caseId: newId(), inReplyTo: '', actor: SYSTEM },
    ...{ from: edge.member, fromRole: role, to: edge.member, toRole: role },
    ...{ createdMs, expiresMs: createdMs + LIMITS.lifetimeMs },
  };
}

function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS);
}
