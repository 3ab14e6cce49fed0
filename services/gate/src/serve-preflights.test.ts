import { subjects, wire } from '@entente/contract';
import { createRateLimit } from '@entente/runtime';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { LONG_MS, until } from './fixture/patience.js';
import { startBorder, type TestBorder } from './fixture/test-border.js';
import { NOTICE } from './fixture/test-messages.js';
import { servePreflights } from './serve-preflights.js';
import type { GateDeps } from './state.js';

// The attacker is a member with its own credential: it asks as fast as the server takes it.

let border: TestBorder;
const stops: (() => Promise<void>)[] = [];
beforeAll(async () => {
  border = await startBorder();
  await border.gate.packs.refresh(async () => undefined);
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});
afterAll(async () => await border?.stop());

const MOST = 1000;
const SHARE = 256;
const ADMITTED = 20;

async function serve(change: Partial<GateDeps>): Promise<void> {
  const service = servePreflights({ ...border.gate, bus: await border.openGate(), ...change });
  stops.push(() => service.stop());
}

/** Asks so often at once, with other facts each time. @returns how often each answer came */
async function ask(
  from: string,
  times = 1,
  to = 'isp.nl',
  timeoutMs = LONG_MS,
): Promise<Record<string, number>> {
  const bus = await border.openMember(from);
  const [fromRole = ''] = from.split('.');
  const one = async (n: number) => {
    const facts = { ...NOTICE, itemCount: 1 + (n % 100) };
    const request = wire.preflightRequest.encode({ from, fromRole, to, toRole: 'hosting', facts });
    const answer = await bus.request(subjects.preflight(from as never), request, { timeoutMs });
    return wire.preflightReply.decode(answer).verdicts.length > 0 ? 'answered' : 'refused';
  };
  const code = (error: { code: string }) => error.code;
  const answers = await Promise.all(Array.from({ length: times }, (_, n) => one(n).catch(code)));
  await bus.close();
  return Object.fromEntries([...new Set(answers)].map((is) => [is, answers.filter((a) => a === is).length]));
}
const untilServed = async () =>
  await until('the gate serves', async () => (await ask('prosecutor.nl')).answered, LONG_MS);

it('answers of one member no more in a second than it is set to, and the others still', async () => {
  await serve({ mayAsk: createRateLimit(ADMITTED, () => 0) });
  await untilServed();
  expect(await ask('hotline.nl', MOST)).toEqual({ answered: ADMITTED, busy: MOST - ADMITTED });
  expect(await ask('prosecutor.nl')).toEqual({ answered: 1 });
  expect(await border.metrics.text()).toMatch(/entente_gate_deferred_total [1-9]/);
});

it('has of one member no more than a share in hand, and looks at one in each turn of the event loop', async () => {
  let turn = 0;
  let isOver = false;
  const next = () => {
    turn += 1;
    if (!isOver) setImmediate(next);
  };
  setImmediate(next);
  const turns: number[] = [];
  const own = () => {
    turns.push(turn);
    return border.gate.packs.own();
  };
  await serve({ packs: { ...border.gate.packs, own } });
  await untilServed();
  const { answered = 0, busy = 0 } = await ask('hotline.nl', MOST);
  isOver = true;
  expect(answered + busy).toBe(MOST);
  expect(answered).toBeGreaterThanOrEqual(SHARE);
  expect(busy).toBeGreaterThan(0);
  expect(new Set(turns).size).toBe(turns.length);
});

it('answers others while one member has all its share waiting for a look at the directory', async () => {
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let taken = 0;
  const mayAsk = (subject: string) => {
    if (subject.endsWith('hotline_nl')) taken += 1;
    return true;
  };
  stops.push(async () => release());
  await serve({ mayAsk, refreshDirectory: () => released });
  await untilServed();
  const asked = ask('hotline.nl', SHARE, 'nobody.nl');
  await until('all of them are in hand', () => (taken === SHARE ? true : undefined), LONG_MS);
  expect(await ask('prosecutor.nl', 1, 'isp.nl', 4000)).toEqual({ answered: 1 });
  release();
  expect(await asked).toEqual({ refused: SHARE });
});
