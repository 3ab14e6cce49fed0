import { readFileSync } from 'node:fs';
import { type Evidence, type MemberId, nationOf, wire } from '@entente/contract';
import { createMetrics } from '@entente/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askEntries } from './ask-entries.js';
import { dispatch } from './dispatch.js';
import { eraseCase } from './erase-case.js';
import { type TestEdge, testEdge } from './fixture/test-edge.js';
import { createMeter } from './meter.js';
import type { CheckedSubmission } from './outbox-row.js';
import { type Edge, withStores } from './state.js';
import { keep } from './submit.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const EXAMPLE = new URL('../../../examples/02-csam-notice-to-the-host.json', import.meta.url);
const { submission } = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as { submission: CheckedSubmission };
const [HERE, ABROAD] = ['isp.de' as MemberId, 'isp.fr' as MemberId] as const;
const [OWN, OTHER] = [nationOf('hotline.de'), nationOf(ABROAD)];

let own: TestEdge;
let edge: Edge;
/** The seals that went out, of messages that had arrived. */
let asked: string[];
/** Whether the nation's server takes anything. */
let isUp: boolean;
beforeEach(async () => {
  own = await testEdge();
  [asked, isUp] = [[], true];
  const send = async (envelope: Uint8Array) => {
    if (!isUp) throw new Error('there is no server');
    const { seal, body } = wire.envelope.decode(envelope);
    asked.push(`${Buffer.from(seal).toString()} ${body.length}`);
  };
  edge = { ...own.edge, send };
});
afterEach(() => own.close());

/** A message that was sealed and sent. */
function sent(to: MemberId = ABROAD, hours = 72): string {
  const said = { ...submission, to, expires_in_hours: hours };
  const { id } = keep(edge, said, { key: null, createdMs: edge.now() });
  const envelope = wire.envelope.encode({ seal: Buffer.from(id), body: Buffer.from('encrypted') });
  const form = { envelope, envelopeSha256: Buffer.from(id, 'hex'), messageHash: Buffer.alloc(32, id) };
  const sealed = { ...form, salt: Buffer.alloc(16), notes: [], submission: said };
  edge.outbox.seal(id, sealed, edge.now() + HOUR);
  return id;
}

function file(messageId: string, ...words: readonly (readonly [Evidence, string])[]): void {
  for (const [evidence, source] of words) {
    const rest = { atMs: edge.now(), code: '', reason: '', rules: [], raw: Buffer.from('an entry') };
    edge.evidence.file({ messageId, evidence, source, ...rest });
  }
}

const LEFT = ['submission-accepted', OWN] as const;
const ENTERED = ['relay-accepted', OTHER] as const;
const ARRIVED = ['delivered', ABROAD] as const;
const NOT_TAKEN = ['not-delivered', ABROAD] as const;
const TURNED_BACK = ['relay-rejected', OTHER] as const;
const pass = async (ms: number) => {
  own.clock.ms += ms;
  await askEntries(edge);
};
const later = async (times: number, ms: number) => {
  for (let n = 0; n < times; n += 1) await pass(ms);
};

/** What was asked for twice comes, and is not asked for any more. */
async function comesAfterAll(id: string, lost: Parameters<typeof file>[1]): Promise<void> {
  expect(edge.ways.countOverdue()).toBe(1);
  file(id, lost);
  expect(edge.ways.countOverdue()).toBe(0);
  await later(100, HOUR);
  expect(asked).toHaveLength(2);
}

describe('a message that has arrived', () => {
  it.each([
    ['the gate of the other nation', ABROAD, [LEFT], ENTERED],
    ['its own gate', ABROAD, [ENTERED], LEFT],
    ['the one gate inside its nation', HERE, [], LEFT],
  ] as const)(
    'without the entry of %s is asked for after a minute, with its seal, until that is there',
    async (_, to, before, lost) => {
      const id = sent(to);
      file(id, ...before, ['delivered', to]);
      const end = edge.outbox.find(id);
      await pass(MINUTE - 1);
      expect(asked).toEqual([]);
      await pass(1);
      expect(asked).toEqual([`${id} 0`]);
      await pass(2 * MINUTE - 1);
      expect(asked).toHaveLength(1);
      await pass(1);
      expect(asked).toHaveLength(2);
      await comesAfterAll(id, lost);
      expect(edge.outbox.find(id)).toEqual(end);
    },
  );

  it.each([
    ['has all of it', [LEFT, ENTERED, ARRIVED]],
    ['has the rest a moment later', [ARRIVED, ENTERED, LEFT]],
    ['was opened before it was said to have arrived', [LEFT, ENTERED, ['retrieved', ABROAD], ARRIVED]],
  ] as const)('is not asked for where its sender %s', async (_, words) => {
    const id = sent();
    file(id, ...words);
    expect(edge.ways.due(Number.MAX_SAFE_INTEGER, 10)).toEqual([]);
    await later(10, HOUR);
    expect(asked).toEqual([]);
  });

  it('is asked for seven times, and then its operator reads of it for a day', async () => {
    const id = sent();
    file(id, LEFT, ARRIVED);
    await later(4 * 60, MINUTE);
    expect(asked).toHaveLength(7);
    await later(24 * 60, MINUTE);
    expect(asked).toHaveLength(7);
    const metrics = createMetrics();
    edge = { ...edge, ...withStores({ ...own.edge, meter: createMeter(metrics) }), send: edge.send };
    const overdue = async () =>
      /edge_evidence_overdue\{evidence="way"[^}]*\} (\d)/.exec(await metrics.text())?.[1];
    expect(await overdue()).toBe('1');
    await pass(HOUR);
    expect(await overdue()).toBe('0');
    // What comes after all is filed all the same.
    file(id, ENTERED);
    expect(edge.ways.isWhole(id, ABROAD)).toBe(true);
  });

  it('is asked for no longer than anybody sends it on', async () => {
    file(sent(ABROAD, 1), LEFT, ARRIVED);
    await later(600, MINUTE);
    // After 1, 3, 7, 15 and 31 minutes; the next would be after 63.
    expect(asked).toHaveLength(5);
  });

  it('is asked for again where nobody took the question, which is none of the seven', async () => {
    file(sent(), LEFT, ARRIVED);
    isUp = false;
    await later(20, MINUTE);
    isUp = true;
    expect(asked).toEqual([]);
    await later(5 * 60, MINUTE);
    expect(asked).toHaveLength(7);
  });

  it('is not asked for in every turn where nothing can be written', async () => {
    file(sent(), LEFT, ARRIVED);
    own.clock.ms += MINUTE;
    edge.db.exec(
      `CREATE TRIGGER frozen BEFORE UPDATE ON incomplete_way BEGIN SELECT RAISE(ABORT, 'no room'); END`,
    );
    for (let n = 0; n < 3; n += 1) await expect(askEntries(edge)).rejects.toThrow('no room');
    expect(asked).toEqual([]);
  });

  it('is not asked for when nothing of it is left that could be proved', async () => {
    const id = sent();
    file(id, LEFT, ARRIVED);
    const { caseId } = edge.outbox.find(id) ?? { caseId: '' };
    const signoff = { proposedBy: 'unit 4', approvedBy: ['legal service'] };
    const person = { actor: `pn:${'a'.repeat(32)}`, justification: 'she has asked for it' };
    await eraseCase(edge, caseId, { reason: 'request', reference: 'request 12/26', signoff }, person);
    expect(edge.outbox.find(id)?.envelope).toBeNull();
    await later(10, HOUR);
    expect(asked).toEqual([]);
  });

  it('and many others are asked for in turns, whatever one of them is', async () => {
    const ids = Array.from({ length: 40 }, () => sent());
    for (const id of ids) file(id, LEFT, ARRIVED);
    edge.db.exec(`UPDATE sent_envelope SET envelope = x'ff'
      WHERE number = (SELECT number FROM outbox WHERE id = '${ids[0]}')`);
    await pass(MINUTE);
    expect(asked.length).toBeLessThanOrEqual(16);
    await later(4, 1000);
    expect(new Set(asked)).toEqual(new Set(ids.slice(1).map((id) => `${id} 0`)));
  });
});

describe('a message that was refused', () => {
  it.each([
    [
      'by its recipient, without the entry of the gate of the other nation',
      ABROAD,
      [LEFT, NOT_TAKEN],
      ENTERED,
    ],
    ['by its recipient, without that of its own gate', ABROAD, [ENTERED, NOT_TAKEN], LEFT],
    ['inside its nation, without that of its one gate', HERE, [['not-delivered', HERE]], LEFT],
    ['by the gate of the other nation, without that of its own', ABROAD, [TURNED_BACK], LEFT],
  ] as const)('%s is asked for in the same way, and stays refused', async (_, to, words, lost) => {
    const id = sent(to);
    file(id, ...words);
    const end = edge.outbox.find(id);
    expect(end?.outcome).toBe('refused');
    await pass(MINUTE);
    await pass(2 * MINUTE);
    expect(asked).toEqual([`${id} 0`, `${id} 0`]);
    await comesAfterAll(id, lost);
    expect(edge.outbox.find(id)).toEqual(end);
  });

  it.each([
    ['its recipient has refused it', [LEFT, ENTERED, NOT_TAKEN]],
    ['the rest has come a moment later', [NOT_TAKEN, ENTERED, LEFT]],
    ['the gate of the other nation has', [LEFT, TURNED_BACK]],
    ['the entry of its own gate came after that', [TURNED_BACK, LEFT]],
    ['a hold was refused there', [LEFT, ['held', OTHER], TURNED_BACK]],
    ['its own gate has: its way ends there', [['submission-rejected', OWN]]],
  ] as const)('is not asked for where all is here: %s', async (_, words) => {
    file(sent(), ...words);
    expect(edge.ways.due(Number.MAX_SAFE_INTEGER, 10)).toEqual([]);
    await later(10, HOUR);
    expect(asked).toEqual([]);
  });

  it('and was told so before without a proof, is asked for all the same', async () => {
    const id = sent();
    const end = { outcome: 'refused', code: 'signature-wrong', reason: '', atMs: edge.now() } as const;
    edge.outbox.conclude(id, end);
    file(id, LEFT, NOT_TAKEN);
    await pass(MINUTE);
    expect(asked).toEqual([`${id} 0`]);
  });

  it('is asked for on, where it arrives after all', async () => {
    const id = sent();
    file(id, LEFT, NOT_TAKEN);
    await pass(MINUTE);
    file(id, ARRIVED);
    expect(edge.outbox.find(id)?.outcome).toBe('delivered');
    await pass(2 * MINUTE);
    expect(asked).toHaveLength(2);
    file(id, ENTERED);
    await later(10, HOUR);
    expect(asked).toHaveLength(2);
  });
});

it('what has no outcome is sent again as a whole, and by nobody else', async () => {
  const id = sent();
  file(id, LEFT);
  await pass(2 * HOUR);
  expect(asked).toEqual([]);
  await dispatch(edge);
  expect(asked).toEqual([`${id} ${'encrypted'.length}`]);
});
