import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Bus, BusError } from '@entente/bus';
import { unpackBatch, wire } from '@entente/contract';
import { retryAsked } from '@entente/runtime';
import { readUnverifiedHeader } from '@entente/seal';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { dropOrdered } from './drop-ordered.js';
import { countTurns } from './fixture/count-turns.js';
import { startBorder, type TestBorder } from './fixture/test-border.js';
import { entryOf, referral, type Sealed } from './fixture/test-messages.js';
import { withFault } from './fixture/with-fault.js';
import { readDropOrders } from './read-drop-orders.js';

const MANY = 16;

let border: TestBorder;
beforeAll(async () => {
  border = await startBorder({ changesTheLog: true });
});
afterAll(async () => await border?.stop());
beforeEach(() => void border.said());
afterEach(() => {
  for (const { id } of border.gate.quarantine.list()) border.gate.quarantine.drop(id);
  rmSync(folder(), { recursive: true, force: true });
  rmSync(holdFile(), { force: true });
});

const folder = () => join(border.gate.quarantineDir, 'erase');
const holdFile = () => join(border.gate.quarantineDir, 'legal-hold.json');
const ids = () => border.gate.quarantine.list().map(({ id }) => id[0]);
const caseOf = ({ envelope }: Sealed) => readUnverifiedHeader(envelope.seal).caseId;
const nameOf = (digit: string) => digit.repeat(32);
const keep = (digit: string, bytes: Uint8Array, subject = 'edge.out.hotline_nl') => {
  const message = { source: 'hotline.nl', subject, bytes };
  expect(border.gate.quarantine.keep(nameOf(digit), message, new Error('x'), 0)).toBe('kept');
};

const WHY = { reason: 'order', reference: 'court file 17/26', proposed_by: 'unit 4', approved_by: ['head'] };
let laid = 0;
function lay(order: object): string {
  mkdirSync(folder(), { recursive: true });
  laid += 1;
  const name = `order-${laid}.json`;
  writeFileSync(join(folder(), name), JSON.stringify({ ...WHY, at: laid, ...order }));
  return name;
}

/** With what the ledger was asked to put on record, and did. */
async function drop() {
  const records: wire.RecordFrame[] = [];
  const request: Bus['request'] = async (...asked) => {
    for (const one of unpackBatch(asked[1]))
      records.push(wire.record.decode(wire.appendRequest.decode(one).record));
    return await border.gate.bus.request(...asked);
  };
  const gate = { ...border.gate, bus: withFault(border.gate.bus, { request }) };
  return { dropped: await dropOrdered(gate), records };
}

test('what a person has ordered to go from quarantine goes, with an entry that says who wanted it, why, and what', async () => {
  const { bytes } = await referral(border);
  keep('a', bytes);
  keep('b', bytes);
  const name = lay({ messages: [nameOf('a'), nameOf('c')] });
  const size = border.logSize();
  const { dropped, records } = await drop();
  expect([dropped, ids(), border.logSize()]).toEqual([1, ['b'], size + 1]);
  expect(records).toMatchObject([
    {
      ...{ event: 'quarantine-end', stage: '', messageHash: Buffer.from(nameOf('a'), 'hex') },
      erasure: { reason: 'order', reference: 'court file 17/26', proposedBy: 'unit 4', approvedBy: ['head'] },
    },
  ]);
  expect(readdirSync(folder())).toEqual([`${name}.done`]);
  expect((await drop()).dropped).toBe(0);
});

test('the same message that came into quarantine again goes by an order of its own, and a crash makes no second entry', async () => {
  const { bytes } = await referral(border);
  keep('a', bytes);
  const name = lay({ messages: [nameOf('a')] });
  const size = border.logSize();
  await drop();
  // As after a crash before it was deleted.
  keep('a', bytes);
  const [order] = readdirSync(folder());
  const text = JSON.stringify({ ...WHY, at: laid, messages: [nameOf('a')] });
  rmSync(join(folder(), order ?? ''));
  writeFileSync(join(folder(), name), text);
  expect((await drop()).dropped).toBe(1);
  expect([ids(), border.logSize()]).toEqual([[], size + 1]);
  keep('a', bytes);
  lay({ messages: [nameOf('a')] });
  await drop();
  expect([ids(), border.logSize()]).toEqual([[], size + 2]);
});

test('what is handled again while it is ordered to go is not said to have gone', async () => {
  const { bytes } = await referral(border);
  const { gate } = border;
  keep('a', bytes);
  gate.quarantine.ask(nameOf('a'));
  lay({ messages: [nameOf('a')] });
  let ordered: ReturnType<typeof drop> | undefined;
  await retryAsked({ ...gate, isFault: () => true }, async () => {
    ordered = drop();
    // By then it was found.
    for (let turns = 0; turns < 50; turns += 1) await nextTurn();
  });
  expect(await ordered).toEqual({ dropped: 0, records: [] });
});

test('an order to erase a case takes what is in quarantine of it, from members and other nations, and of no other', async () => {
  const [own, other] = [await referral(border), await referral(border)];
  const foreign = await referral(border, {
    ...{ from: 'hotline.de', to: 'isp.nl hosting', header: { caseId: caseOf(own) } },
  });
  const passage = { envelope: foreign.envelope, proofs: [await entryOf(border, foreign)] };
  keep('a', own.bytes);
  keep('b', other.bytes);
  keep('c', wire.crossing.encode({ passage }), 'cross.NL.DE.hotline_de');
  keep('d', Buffer.from('nothing that can be read'));
  const size = border.logSize();
  lay({ case: caseOf(own) });
  expect((await drop()).dropped).toBe(2);
  expect([ids().sort(), border.logSize()]).toEqual([['b', 'd'], size + 2]);
});

test('of a case on legal hold nothing goes, whatever names it, and nothing at all while the holds cannot be read', async () => {
  const held = await referral(border);
  keep('a', held.bytes);
  keep('b', (await referral(border)).bytes);
  writeFileSync(holdFile(), '{"case": []}');
  const [byCase, byName] = [lay({ case: caseOf(held) }), lay({ messages: [nameOf('a'), nameOf('b')] })];
  const size = border.logSize();
  await expect(drop()).rejects.toThrow('legal-hold.json');
  writeFileSync(holdFile(), JSON.stringify({ cases: [caseOf(held)] }));
  border.said();
  expect((await drop()).dropped).toBe(0);
  expect(readdirSync(folder())).toEqual([`${byCase}.refused`, `${byName}.refused`]);
  expect(border.said().map(({ message }) => message)).toEqual(
    Array(2).fill('ALARM: an order to drop from quarantine is refused'),
  );
  expect([ids().sort(), border.logSize()]).toEqual([['a', 'b'], size]);
});

test('a legal hold that is laid while an order is carried out keeps what is left of it, and the next order is carried out', async () => {
  const [first, second, last] = [await referral(border), await referral(border), await referral(border)];
  keep('a', first.bytes);
  keep('b', second.bytes);
  keep('c', last.bytes);
  const byName = lay({ messages: [nameOf('a'), nameOf('b')] });
  const next = lay({ messages: [nameOf('c')] });
  const request: Bus['request'] = async (...asked) => {
    // As the entry of the first is made; the ledger answers as it does.
    writeFileSync(holdFile(), JSON.stringify({ cases: [first, second].map(caseOf) }));
    return await border.gate.bus.request(...asked);
  };
  const gate = { ...border.gate, bus: withFault(border.gate.bus, { request }) };
  const size = border.logSize();
  expect(await dropOrdered(gate)).toBe(2);
  // What was under way when the hold came goes, and nothing of its cases after that.
  expect([ids(), border.logSize()]).toEqual([['b'], size + 2]);
  expect(readdirSync(folder())).toEqual([`${byName}.refused`, `${next}.done`]);
  expect(border.said().map(({ facts }) => facts.problem ?? facts.messages)).toEqual([
    `${nameOf('b')} is under legal hold`,
    1,
    1,
  ]);
});

test('what is no order is refused, and takes nothing', async () => {
  keep('a', (await referral(border)).bytes);
  const orders: readonly (readonly [object | string, string])[] = [
    ['not json', 'no JSON object'],
    [{}, 'messages or a case'],
    [{ messages: [nameOf('a')], case: 'b' }, 'messages or a case'],
    [{ messages: ['../a'] }, '32 hex digits'],
    [{ case: '../../x' }, 'no name of a case'],
    [{ messages: [nameOf('a')], reason: 'time-over' }, 'reason'],
    [{ messages: [nameOf('a')], reference: '' }, 'where the decision'],
    [{ messages: [nameOf('a')], reference: 'a\nb' }, 'where the decision'],
    [{ messages: [nameOf('a')], proposed_by: 'a\nb' }, 'proposed_by'],
    [{ messages: [nameOf('a')], approved_by: [4] }, 'proposed_by'],
    [{ messages: [nameOf('a')], proposed_by: '' }, 'who wanted it'],
    [{ messages: [nameOf('a')], proposed_by: undefined }, 'who wanted it'],
    [{ messages: [nameOf('a')], more: 'x'.repeat(65_536) }, 'longer than'],
  ];
  const size = border.logSize();
  for (const [order, problem] of orders) {
    const name = lay(typeof order === 'string' ? {} : order);
    if (typeof order === 'string') writeFileSync(join(folder(), name), order);
    expect(readDropOrders(border.gate.quarantineDir)[0]?.order).toContain(problem);
    expect((await drop()).dropped).toBe(0);
    expect(readdirSync(folder())).toContain(`${name}.refused`);
  }
  expect([ids(), border.logSize()]).toEqual([['a'], size]);
});

test('nothing goes by a clock that is not its ledger’s', async () => {
  keep('a', (await referral(border)).bytes);
  const name = lay({ messages: [nameOf('a')] });
  expect(await dropOrdered({ ...border.gate, clock: { ...border.gate.clock, agrees: () => false } })).toBe(0);
  expect([ids(), readdirSync(folder())]).toEqual([['a'], [name]]);
});

const REFUSED = 'ALARM: an order to drop from quarantine is refused';
const FAILS = 'ALARM: an order to drop from quarantine fails, and is tried again';
const told = () =>
  border
    .said()
    .flatMap(({ message, facts }) => (message.startsWith('ALARM') ? [[message, facts.order]] : []));

test('an order that cannot be read is refused, and holds up no other', async () => {
  keep('a', (await referral(border)).bytes);
  const bad = lay({});
  rmSync(join(folder(), bad));
  mkdirSync(join(folder(), bad));
  const good = lay({ messages: [nameOf('a')] });
  expect(readDropOrders(border.gate.quarantineDir)[0]?.order).toBe('it is no file');
  expect((await drop()).dropped).toBe(1);
  expect([ids(), readdirSync(folder())]).toEqual([[], [`${bad}.refused`, `${good}.done`]]);
  expect(told()).toEqual([[REFUSED, bad]]);
});

test('orders whose files the gate may not rename are told of once each, tried again, and hold up no other', async () => {
  keep('a', (await referral(border)).bytes);
  keep('b', (await referral(border)).bytes);
  const stuck = Array.from({ length: 5 }, () => lay({ messages: [nameOf('a')] }));
  for (const name of stuck) mkdirSync(join(folder(), `${name}.done`, 'in the way'), { recursive: true });
  const refused = lay({});
  mkdirSync(join(folder(), `${refused}.refused`, 'in the way'), { recursive: true });
  const good = lay({ messages: [nameOf('b')] });
  const gate = { ...border.gate };
  for (let turn = 0; turn < 4; turn += 1) await dropOrdered(gate);
  expect([ids(), readdirSync(folder()).includes(`${good}.done`)]).toEqual([[], true]);
  const lines = border.said();
  const alarms = lines.filter(({ message }) => message.startsWith('ALARM'));
  expect(alarms.map(({ message, facts }) => [message, facts.order])).toEqual(
    [...stuck, refused].map((name) => [FAILS, name]),
  );
  expect(String(alarms[0]?.facts.err)).toContain('it is done, and its file cannot be renamed');
  expect(String(alarms[5]?.facts.err)).toMatch(
    /it is refused \(it names messages or a case.*cannot be renamed/,
  );
  for (const name of stuck) rmSync(join(folder(), `${name}.done`), { recursive: true });
  for (let turn = 0; turn < 2; turn += 1) await dropOrdered(gate);
  for (const name of stuck) expect(readdirSync(folder())).toContain(`${name}.done`);
  expect(told()).toEqual([]);
});

test('while the ledger cannot be asked no order is told of, and all are done later', async () => {
  keep('a', (await referral(border)).bytes);
  const name = lay({ messages: [nameOf('a')] });
  const request = async () => {
    throw new BusError('no-responder', 'the ledger is away');
  };
  const gate = { ...border.gate, bus: withFault(border.gate.bus, { request }) };
  await expect(dropOrdered(gate)).rejects.toThrow('the ledger is away');
  expect([told(), ids(), readdirSync(folder())]).toEqual([[], ['a'], [name]]);
  expect((await drop()).dropped).toBe(1);
});

test('reads one message in each turn of the event loop, however many an order may name', async () => {
  const { bytes } = await referral(border);
  for (let n = 0; n < MANY; n += 1) keep(n.toString(16), bytes);
  lay({ case: 'of-none-of-them' });
  const turns = countTurns();
  expect((await drop()).dropped).toBe(0);
  expect(turns.end()).toBeGreaterThanOrEqual(MANY);
});
