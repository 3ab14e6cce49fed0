import { createHash, randomBytes } from 'node:crypto';
import { newId, wire } from '@entente/contract';
import type { Directory } from '@entente/members';
import { watchClock } from '@entente/runtime';
import { readUnverifiedHeader } from '@entente/seal';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { anchorAccess } from './anchor-access.js';
import { askInspection } from './ask-inspection.js';
import { AlreadyDecided, type Choice, decideHold } from './decide-hold.js';
import { type TestEdge, testEdge } from './fixture/test-edge.js';
import type { HoldRow } from './hold-store.js';
import { logAccess } from './log-access.js';
import type { Edge } from './state.js';

const DAY_MS = 86_400_000;
const ANNA = { actor: `pn:${'b'.repeat(32)}`, justification: 'seen' };

let own: TestEdge;
let edge: Edge;
let hold: HoldRow;
beforeEach(async () => {
  own = await testEdge('court.de');
  const watch = watchClock(() => own.clock.ms, 5 * 60_000);
  watch.tell(own.clock.ms);
  const member = { id: 'court.de', nation: 'DE', types: ['court'], roles: ['court'] } as const;
  const directory = { member: () => member } as unknown as Directory;
  edge = { ...own.edge, clock: watch, directory: () => directory };
  hold = heldOf(own.clock.ms);
});
afterEach(() => own.close());

/** A message from Germany to France that waits at the German gate. */
function heldOf(sinceMs: number): HoldRow {
  const header = {
    ...{
      id: newId(),
      caseId: newId(),
      from: 'police.de',
      fromRole: 'police',
      to: 'isp.fr',
      toRole: 'hosting',
    },
    ...{ issuedAtMs: sinceMs, expiresAtMs: sinceMs + 3 * DAY_MS, actor: 'system' },
  };
  const payload = Buffer.from(wire.header.encode(header)).toString('base64url');
  const seal = Buffer.from(`e30.${payload}.c2ln`);
  const record = wire.record.encode({ nation: 'DE', seal, stage: 'leave' });
  const entry = wire.entry.decode(wire.entry.encode({ record }));
  const messageHash = createHash('sha256').update(seal).digest();
  return { messageHash, role: 'court', entry, sinceMs, untilMs: sinceMs + 3 * DAY_MS };
}

const RELEASE: Choice = {
  decision: 'release',
  reason: 'lawful',
  justification: 'seen',
  ...{ actor: ANNA.actor },
};
const REFUSE: Choice = { ...RELEASE, decision: 'refuse' };
const issuedOf = ({ envelope }: { readonly envelope: Uint8Array }) =>
  readUnverifiedHeader(wire.envelope.decode(envelope).seal).issuedAtMs;

describe('while the clocks of edge and gate differ', () => {
  beforeEach(() => {
    own.clock.ms += DAY_MS;
  });
  const differs = { name: 'ClockDiffers' };

  test('no word about a held message is sealed, and it can be given when they agree again', async () => {
    await expect(decideHold(edge, hold, RELEASE)).rejects.toMatchObject(differs);
    expect(edge.holds.decisionOn(hold.messageHash, 'DE')).toBeUndefined();
    own.clock.ms -= DAY_MS;
    const row = await decideHold(edge, hold, RELEASE);
    expect([row.state, issuedOf(row)]).toEqual(['sent', own.clock.ms]);
  });

  test('nothing is asked of another edge', async () => {
    const message_hash = randomBytes(32).toString('hex');
    const about = { case_id: newId(), message_id: newId(), message_hash, reason: 'audit' } as const;
    const asked = askInspection(edge, { of: 'isp.de', ...about } as never, ANNA);
    await expect(asked).rejects.toMatchObject(differs);
    expect(edge.inspections.list(10)).toEqual([]);
  });

  test('no state of the log of accesses goes on record', async () => {
    await logAccess(edge, ANNA, 'view', { detail: 'x' });
    await expect(anchorAccess(edge, true)).rejects.toMatchObject(differs);
    expect(edge.anchors.list(10)).toEqual([]);
  });
});

describe('the first word', () => {
  test.each(['sent', 'logged'] as const)('stands when it is %s', async (state) => {
    const first = await decideHold(edge, hold, RELEASE);
    if (state === 'logged') edge.holds.end(first.id, state, '', null);
    expect(await decideHold(edge, hold, RELEASE)).toMatchObject({ id: first.id, state });
    await expect(decideHold(edge, hold, REFUSE)).rejects.toBeInstanceOf(AlreadyDecided);
    expect(edge.holds.decisionOn(hold.messageHash, 'DE')).toMatchObject({
      id: first.id,
      decision: 'release',
      state,
    });
  });

  test.each(['refused', 'expired'] as const)(
    'that is %s is none: it, or another, is given anew',
    async (state) => {
      const first = await decideHold(edge, hold, RELEASE);
      edge.holds.end(first.id, state, 'not-yet-valid', null);
      own.clock.ms += 60_000;
      const again = await decideHold(edge, hold, RELEASE);
      expect(again).toMatchObject({ state: 'sent', code: '', attempts: 0, createdMs: own.clock.ms });
      expect([again.id !== first.id, issuedOf(again)]).toEqual([true, own.clock.ms]);
      expect(edge.holds.dueApprovals(own.clock.ms, 10).map(({ id }) => id)).toEqual([again.id]);
      edge.holds.end(again.id, state, '', null);
      expect(await decideHold(edge, hold, REFUSE)).toMatchObject({ state: 'sent', decision: 'refuse' });
    },
  );
});
