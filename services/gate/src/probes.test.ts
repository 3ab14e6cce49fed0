import type { wire } from '@entente/contract';
import { createLogger } from '@entente/runtime';
import { beforeEach, expect, it } from 'vitest';
import { createProbeNonces } from './probe-nonce.js';
import { createProbes, type Probes } from './probes.js';

const logger = createLogger('gate', 'DE');
logger.level = 'silent';
let nowMs = 0;
let sent: { readonly from: string; readonly to: string; readonly probe: wire.ProbeFrame }[] = [];
beforeEach(() => {
  nowMs = 1_000_000;
  sent = [];
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
