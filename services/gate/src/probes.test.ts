import type { wire } from '@entente/contract';
import type { Metrics } from '@entente/runtime';
import { beforeEach, expect, it } from 'vitest';
import { createProbeNonces } from './probe-nonce.js';
import { createProbes, type Probes } from './probes.js';

/** What an operator is told. */
let alarms: unknown[] = [];
const logger = { error: (about: object) => void alarms.push(about) };
let nowMs = 0;
let sent: { readonly from: string; readonly to: string; readonly probe: wire.ProbeFrame }[] = [];
beforeEach(() => {
  nowMs = 1_000_000;
  sent = [];
  alarms = [];
});

function gateOf(nation: string, counterparts: readonly string[], aheadMs = 0, secret = nation): Probes {
  return createProbes({
    counterparts: () => counterparts,
    send: async (to, probe) => void sent.push({ from: nation, to, probe }),
    nonces: createProbeNonces(secret),
    logger,
    metrics: { gauge: () => undefined },
    now: () => nowMs + aheadMs,
  });
}

async function carry(gates: Readonly<Record<string, Probes>>): Promise<void> {
  for (const { from, to, probe } of sent.splice(0)) await gates[to]?.receive(from, probe);
}

it('measures the way to a counterpart and back, and how far its clock is ahead', async () => {
  const gates = { DE: gateOf('DE', ['FR']), FR: gateOf('FR', ['DE'], 5000) };
  expect(gates.DE.list()).toEqual([
    { nation: 'FR', answeredAt: null, roundTripMs: null, clockAheadMs: null },
  ]);
  await gates.DE.ask();
  nowMs += 100;
  await carry(gates);
  nowMs += 100;
  await carry(gates);
  expect(gates.DE.list()).toEqual([
    { nation: 'FR', answeredAt: new Date(nowMs).toISOString(), roundTripMs: 200, clockAheadMs: 5000 },
  ]);
});

it('believes no answer but the one to what it asked last, and that once', async () => {
  const gate = gateOf('DE', ['FR']);
  await gate.ask();
  const first = sent[0]?.probe as wire.ProbeFrame;
  nowMs += 5000;
  await gate.ask();
  const answer = (nonce: Uint8Array) => ({ nonce, isAnswer: true, atMs: nowMs });
  for (const nonce of [first.nonce, new Uint8Array(16), new Uint8Array()]) {
    await gate.receive('FR', answer(nonce));
    expect(gate.list()[0]?.answeredAt).toBeNull();
  }
  const second = sent[1]?.probe as wire.ProbeFrame;
  await gate.receive('NL', answer(second.nonce));
  expect(gate.list()[0]?.answeredAt).toBeNull();
  await gate.receive('FR', answer(second.nonce));
  const heardAt = gate.list()[0]?.answeredAt;
  expect(heardAt).not.toBeNull();
  nowMs += 5000;
  await gate.receive('FR', answer(second.nonce));
  expect(gate.list()[0]?.answeredAt).toBe(heardAt);
});

it('asks again soon while nobody answers, and now and then afterwards', async () => {
  const gates = { DE: gateOf('DE', ['FR']), FR: gateOf('FR', ['DE']) };
  const asks = async (afterMs: number) => {
    nowMs += afterMs;
    await gates.DE.ask();
    return sent.length;
  };
  expect([await asks(0), await asks(4999), await asks(1)]).toEqual([1, 1, 2]);
  await carry(gates);
  await carry(gates);
  expect([await asks(5000), await asks(24_999), await asks(1)]).toEqual([0, 0, 1]);
});

it('answers counterparts only, and each twice a second at most', async () => {
  const gate = gateOf('DE', ['FR']);
  const question = { nonce: new Uint8Array(16), isAnswer: false, atMs: nowMs };
  for (let i = 0; i < 10; i++) await gate.receive('FR', question);
  await gate.receive('XX', question);
  expect(sent.map(({ to }) => to)).toEqual(['FR', 'FR']);
  nowMs += 1000;
  await gate.receive('FR', question);
  expect(sent).toHaveLength(3);
});

it('asks the others when one cannot be reached', async () => {
  const asked: string[] = [];
  const probes = createProbes({
    counterparts: () => ['FR', 'NL'],
    send: async (to) => {
      asked.push(to);
      if (to === 'FR') throw new Error('no way');
    },
    nonces: createProbeNonces(),
    logger,
    metrics: { gauge: () => undefined },
    now: () => nowMs,
  });
  await expect(probes.ask()).rejects.toThrow('no way');
  expect(asked).toEqual(['FR', 'NL']);
});

it('counts an answer that another gate of the same nation asked for, once, and none to a gate with another secret', async () => {
  const [first, second, foreign] = [gateOf('DE', ['FR']), gateOf('DE', ['FR']), gateOf('DE', ['FR'], 0, 'x')];
  await first.ask();
  const question = sent[0]?.probe as wire.ProbeFrame;
  nowMs += 200;
  const answer = { ...question, isAnswer: true, atMs: nowMs };
  await second.receive('FR', answer);
  const heard = {
    nation: 'FR',
    answeredAt: new Date(nowMs).toISOString(),
    roundTripMs: 200,
    clockAheadMs: 100,
  };
  expect(second.list()).toEqual([heard]);
  nowMs += 200;
  await second.receive('FR', answer);
  expect(second.list()).toEqual([heard]);
  await foreign.receive('FR', answer);
  expect(foreign.list()[0]?.answeredAt).toBeNull();
});

it('asks and hears again at once when its clock was an hour ahead and is set back', async () => {
  nowMs += 3_600_000;
  const gates = { DE: gateOf('DE', ['FR']), FR: gateOf('FR', ['DE']) };
  await gates.DE.ask();
  await carry(gates);
  await carry(gates);
  nowMs -= 3_600_000;
  await gates.DE.ask();
  expect(sent).toHaveLength(1);
  nowMs += 100;
  await carry(gates);
  await carry(gates);
  expect(gates.DE.list()[0]?.answeredAt).toBe(new Date(nowMs).toISOString());
});

/** Of the answer to DE, the two clocks being so far apart and the way there and back taking so long. */
async function alarmsAt(aheadMs: number, roundTripMs: number): Promise<unknown[]> {
  const gates = { DE: gateOf('DE', ['FR']), FR: gateOf('FR', ['DE'], aheadMs) };
  await gates.DE.ask();
  nowMs += roundTripMs / 2;
  await carry(gates);
  nowMs += roundTripMs / 2;
  await carry(gates);
  return alarms.splice(0);
}

it('raises an alarm when the clocks differ by more than a minute, and by more than what the way may hide', async () => {
  expect(await alarmsAt(60_000, 0)).toEqual([]);
  expect(await alarmsAt(60_001, 0)).toEqual([{ nation: 'FR', aheadMs: 60_001 }]);
  expect(await alarmsAt(-60_000, 0)).toEqual([]);
  expect(await alarmsAt(-60_001, 0)).toEqual([{ nation: 'FR', aheadMs: -60_001 }]);
  expect(await alarmsAt(64_000, 4000)).toEqual([]);
  expect(await alarmsAt(64_001, 4000)).toEqual([{ nation: 'FR', aheadMs: 64_001 }]);
});

it('hears no answer that took five seconds', async () => {
  const gates = { DE: gateOf('DE', ['FR']), FR: gateOf('FR', ['DE']) };
  for (const [tookMs, isHeard] of [
    [5000, false],
    [4999, true],
  ] as const) {
    await gates.DE.ask();
    nowMs += tookMs;
    await carry(gates);
    await carry(gates);
    expect(gates.DE.list()[0]?.answeredAt !== null, `${tookMs}`).toBe(isHeard);
    nowMs += 30_000;
  }
});

it('counts the silence of each counterpart from its last answer, or from the start', async () => {
  const gauges: Parameters<Metrics['gauge']>[] = [];
  const metrics: Pick<Metrics, 'gauge'> = { gauge: (...args) => void gauges.push(args) };
  const nonces = createProbeNonces('DE');
  const probes = createProbes({
    counterparts: () => ['FR', 'NL'],
    send: async () => undefined,
    nonces,
    logger,
    metrics,
    now: () => nowMs,
  });
  nowMs += 2000;
  await probes.receive('FR', { nonce: nonces.make('FR', nowMs - 100), isAnswer: true, atMs: nowMs });
  nowMs += 1000;
  const [[name, , labels, read]] = gauges as [Parameters<Metrics['gauge']>];
  expect([name, labels]).toEqual(['gate_counterpart_silent_seconds', ['nation']]);
  expect(read()).toEqual([
    { labels: { nation: 'FR' }, value: 1 },
    { labels: { nation: 'NL' }, value: 3 },
  ]);
});

it('forgets a counterpart that it exchanges with no longer', async () => {
  let counterparts = ['FR'];
  const gate = createProbes({
    counterparts: () => counterparts,
    send: async (to, probe) => void sent.push({ from: 'DE', to, probe }),
    nonces: createProbeNonces('DE'),
    logger,
    metrics: { gauge: () => undefined },
    now: () => nowMs,
  });
  await gate.ask();
  const [question] = sent as [(typeof sent)[number]];
  nowMs += 10;
  await gate.receive('FR', { ...question.probe, isAnswer: true, atMs: nowMs });
  expect(gate.list()[0]?.roundTripMs).toBe(10);
  counterparts = [];
  await gate.ask();
  expect(gate.list()).toEqual([]);
  counterparts = ['FR'];
  expect(gate.list()).toEqual([{ nation: 'FR', answeredAt: null, roundTripMs: null, clockAheadMs: null }]);
});
