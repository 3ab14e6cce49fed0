import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Bus, BusError } from '@entente/bus';
import { LIMITS, type MemberId, subjects, unpackBatch, wire } from '@entente/contract';
import { watchClock } from '@entente/runtime';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { until } from './fixture/patience.js';
import { startBorder, type TestBorder } from './fixture/test-border.js';
import { entryOf, fromAbroad, type Message, NOTICE, referral, type Sealed } from './fixture/test-messages.js';
import { recordIn, summary } from './fixture/test-readers.js';
import { withFault } from './fixture/with-fault.js';
import { createGate } from './gate.js';
import type { GateDeps } from './state.js';

let border: TestBorder;
beforeAll(async () => {
  border = await startBorder({ hasGermanPack: true, isReady: false });
});
afterAll(async () => await border?.stop());
let gate: ReturnType<typeof createGate> | undefined;
afterEach(async () => {
  await gate?.stop();
  gate = undefined;
  border.clock.aheadMs = 0;
});

/** With connections of its own, which it closes. */
const ownDeps = async (change: Partial<GateDeps> = {}): Promise<GateDeps> => ({
  ...border.gate,
  bus: await border.openGate(),
  cross: await border.openGate(true),
  ...change,
});
let member: Promise<Bus> | undefined;
const hotline = async (): Promise<Bus> => {
  member ??= border.openMember('hotline.nl');
  return await member;
};
const start = async (change: Partial<GateDeps> = {}) => {
  gate = createGate(await ownDeps(change), 50);
  await gate.start();
  return gate;
};

it('needs a directory and a pack to let anything pass, and says which it lacks', async () => {
  const { packs } = border.gate;
  gate = createGate(await ownDeps());
  expect(gate.needs()).toEqual({
    nation: true,
    interconnect: true,
    directory: false,
    pack: false,
    clock: true,
    log: true,
    streams: false,
  });
  await gate.start();
  expect(gate.needs()).toEqual({
    nation: true,
    interconnect: true,
    directory: true,
    pack: true,
    clock: true,
    log: true,
    streams: true,
  });
  expect(packs.own().version).toBe(1);
  const messages = border.said().map(({ level, message }) => `${level} ${message}`);
  expect(messages).toEqual(expect.arrayContaining(['info directory adopted', 'info pack in use']));
  await gate.stop();
  expect(gate.needs()).toMatchObject({ nation: false, interconnect: false });
});

it('keeps what it decides by for those who check the log', async () => {
  await start();
  const directory = border.gate.directory();
  const name = Buffer.from(directory.sha256).toString('hex');
  const files = readdirSync(border.archiveDir);
  expect(files).toEqual(
    expect.arrayContaining([`${name}.directory`, `${border.gate.packs.own().pack.sha256}.pack`]),
  );
  expect(files.filter((file) => !/^[0-9a-f]{64}(?:\.directory|(?:\.1)?\.pack)$/.test(file))).toEqual([]);
});

it('takes what members hand in and what comes from abroad, and answers preflights', async () => {
  await start();
  await border.waitForGermany();
  const member = await hotline();
  const { bytes } = await referral(border);
  await member.publish(subjects.out('hotline.nl' as MemberId), bytes, { timeoutMs: 2000 });
  const answered = async (id: string) => (await border.deliveredTo(id)).map(summary)[0];
  expect(await until('an answer', async () => await answered('hotline.nl'))).toBe(
    'submission-accepted crossing',
  );
  const german = await referral(border, { from: 'hotline.de', to: 'isp.nl hosting' });
  const passage = { envelope: german.envelope, proofs: [await entryOf(border, german)] };
  const { subject, data } = await fromAbroad(border, { passage });
  await border.german.publishAcross(subject, data, { replyPrefix: '_R.DE.NL', timeoutMs: 2000 });
  expect(await until('a delivery', async () => await answered('isp.nl'))).toBe('passage leave enter');
  const asked = { from: 'hotline.nl', fromRole: 'hotline', to: 'isp.de', toRole: 'hosting', facts: NOTICE };
  const reply = await member.request(
    subjects.preflight('hotline.nl' as MemberId),
    wire.preflightRequest.encode(asked),
    { timeoutMs: 2000 },
  );
  expect(wire.preflightReply.decode(reply).verdicts.map(({ nation }) => nation)).toEqual(['NL', 'DE']);
  for (const queue of ['member', 'nation']) {
    const counted = new RegExp(`entente_gate_handling_seconds_count{queue="${queue}"} [1-9]`);
    await until(`${queue} is counted`, async () => counted.test(await border.metrics.text()) || undefined);
  }
  await border.crossed();
});

it('tries again until its ledger is there, and says what it waits for', async () => {
  const bus = await border.openGate();
  let refused = 0;
  const request: Bus['request'] = async (...asked) => {
    refused += 1;
    if (refused < 2) throw new BusError('no-responder', 'no ledger yet');
    return await border.gate.bus.request(...asked);
  };
  border.said();
  // Else it would ask for that first, if none of the tests before this one has within a minute.
  border.gate.clock.tell(border.clock.now());
  await start({ bus: withFault(bus, { request }) });
  expect(border.said()).toMatchObject([
    { level: 'warn', message: 'not ready yet, trying again', facts: { err: { code: 'no-responder' } } },
    { level: 'info', message: 'directory adopted' },
  ]);
  expect(gate?.needs()).toMatchObject({ directory: true });
});

it('that is stopped before it has what it needs tries no more', async () => {
  let looks = 0;
  const refreshDirectory = async () => {
    looks += 1;
    throw new Error('the folder is away');
  };
  gate = createGate(await ownDeps({ refreshDirectory }));
  const starting = expect(gate.start()).rejects.toMatchObject({ name: 'AbortError' });
  await until('it has looked', () => looks || undefined);
  border.said();
  await gate.stop();
  await starting;
  expect([looks, border.said()]).toEqual([1, []]);
});

it('that is stopped while it looks for what it needs takes nothing up', async () => {
  let hasLooked: () => void = () => undefined;
  let looks = 0;
  const refreshDirectory = async () => {
    looks += 1;
    await new Promise<void>((resolve) => {
      hasLooked = resolve;
    });
  };
  gate = createGate(await ownDeps({ refreshDirectory }));
  const starting = expect(gate.start()).rejects.toMatchObject({ name: 'AbortError' });
  await until('it looks', () => looks || undefined);
  border.said();
  await gate.stop();
  hasLooked();
  await starting;
  expect(border.said()).toEqual([]);
});

it('looks again: a new directory is adopted, and a fault is told and got over', async () => {
  const { nations } = border;
  let looks = 0;
  const lines: ReturnType<TestBorder['said']> = [];
  const size = border.logSize();
  const refreshDirectory = async () => {
    looks += 1;
    if (looks === 2) throw new Error('the folder is away');
    if (looks !== 3) return;
    await nations.writePart(nations.fr, { version: 2 });
    border.useDirectory(await nations.load());
  };
  await start({ refreshDirectory });
  expect(looks).toBe(1);
  border.said();
  const isAdopted = () => {
    lines.push(...border.said());
    return lines.find(({ message }) => message === 'directory adopted');
  };
  const line = await until('the directory is adopted', isAdopted);
  expect(line.facts.directory).toBe(Buffer.from(border.gate.directory().sha256).toString('hex'));
  expect(border.logSize()).toBe(size + 1);
  const fault = { err: { message: 'the folder is away' } };
  expect(lines[0]).toMatchObject({ level: 'warn', message: 'recheck failed', facts: fault });
  expect(gate?.needs()).toMatchObject({ directory: true, pack: true });
});

it('is not ready while a new directory cannot be kept, says so once, and goes on when it can', async () => {
  const archiveDir = join(border.dir, 'own-archive');
  await start({ archiveDir });
  border.said();
  rmSync(archiveDir, { recursive: true });
  writeFileSync(archiveDir, 'it is no folder now');
  await border.nations.writePart(border.nations.fr, { version: 3 });
  border.useDirectory(await border.nations.load());
  const lines: string[] = [];
  const count = (word: string) => {
    lines.push(...border.said().map(({ message }) => message));
    return lines.filter((line) => line.includes(word)).length;
  };
  await until('it has tried twice', async () => count('recheck failed') > 1 || undefined);
  expect([count('ALARM: the archive'), gate?.needs().directory]).toEqual([1, false]);
  rmSync(archiveDir);
  await until('it is ready', async () => gate?.needs().directory || undefined);
});

it('by a clock that is not its ledger’s takes up nothing new, says so once, and goes on when they agree', async () => {
  const { clock, gate: deps } = border;
  const bus = await border.openGate();
  let asked = 0;
  const request: Bus['request'] = async (...about) => {
    asked += 1;
    return await deps.bus.request(...about);
  };
  let looks = 0;
  const refreshDirectory = async () => {
    looks += 1;
  };
  const ownClock = watchClock(clock.now, LIMITS.skewMs);
  await start({ bus: withFault(bus, { request }), clock: ownClock, refreshDirectory });
  border.said();
  const lines: ReturnType<TestBorder['said']> = [];
  const alarms = () => lines.filter(({ message }) => message.startsWith('ALARM'));
  const isSaid = (words: string) =>
    until(words, () => {
      lines.push(...border.said());
      return lines.find(({ message }) => message === words);
    });
  clock.aheadMs = 2 * LIMITS.skewMs;
  await isSaid(
    'ALARM: the clocks of this gate and of its ledger differ: nothing is decided until they agree; look after the time service',
  );
  expect(gate?.needs()).toMatchObject({ clock: false });
  const [looksBefore, askedBefore] = [looks, asked];
  await until('it asked thrice more', () => (asked > askedBefore + 2 ? true : undefined));
  expect(looks).toBe(looksBefore);
  expect(alarms()).toHaveLength(1);
  clock.aheadMs = 0;
  await isSaid('the clocks agree again');
  await until('it looks again', () => (looks > looksBefore ? true : undefined));
});

it.each<[string, (message: Sealed) => Promise<void>, Message]>([
  [
    'member',
    async ({ bytes }) => {
      const member = await hotline();
      await member.publish(subjects.out('hotline.nl' as MemberId), bytes, { timeoutMs: 2000 });
    },
    { to: 'isp.nl hosting' },
  ],
  [
    'other nation, whichever of its members sends',
    async (message) => {
      const passage = { envelope: message.envelope, proofs: [await entryOf(border, message)] };
      const about = { subject: `cross.NL.DE.m${message.id}` };
      const { subject, data } = await fromAbroad(border, { passage }, about);
      await border.german.publishAcross(subject, data, { replyPrefix: '_R.DE.NL', timeoutMs: 2000 });
    },
    { from: 'hotline.de', to: 'isp.nl hosting' },
  ],
])('puts off what is beyond the share of one %s, and loses nothing', async (_who, send, parties) => {
  const slow = await border.openGate();
  let going = 0;
  let most = 0;
  const request: Bus['request'] = async (...asked) => {
    const together = unpackBatch(asked[1]).length;
    going += together;
    most = Math.max(most, going);
    await delay(150);
    going -= together;
    return await border.gate.bus.request(...asked);
  };
  gate = createGate(await ownDeps({ bus: withFault(slow, { request }) }));
  await gate.start();
  await border.waitForGermany();
  await border.deliveredTo('hotline.nl');
  await border.deliveredTo('isp.nl');
  most = 0;
  const messages = await Promise.all(Array.from({ length: 64 }, async () => await referral(border, parties)));
  for (const message of messages) await send(message);
  const all = new Set(messages.map(({ hash }) => hash.toString('hex')));
  const delivered = new Set<string>();
  await until('all are delivered', async () => {
    for (const { passage } of await border.deliveredTo('isp.nl'))
      delivered.add(Buffer.from(recordIn(passage?.proofs[0]).messageHash).toString('hex'));
    return delivered.size >= all.size || undefined;
  });
  expect(delivered).toEqual(all);
  expect(most).toBeLessThanOrEqual(56);
  await border.crossed();
});
