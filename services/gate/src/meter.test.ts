import { createMetrics } from '@entente/runtime';
import { expect, it } from 'vitest';
import { createMeter } from './meter.js';
import type { Logged } from './state.js';

const samples = async (metrics: ReturnType<typeof createMetrics>) =>
  (await metrics.text())
    .split('\n')
    .filter((line) => /^entente_gate_/.test(line) && !/_bucket|created/.test(line));
const logged = (verdict: object | null): Logged =>
  ({ record: { event: 'crossing', verdict }, leaf: { timeMs: 5000 } }) as unknown as Logged;
const rule = (id: string) => ({ id, basis: '', says: '' });

it('counts entries by what they say: the first rule, or else the code', async () => {
  const metrics = createMetrics();
  const meter = createMeter(metrics);
  meter.logged('leave', 3000, logged({ decision: 'permit', code: '', rules: [rule('one'), rule('two')] }));
  meter.logged('leave', 4000, logged({ decision: 'refuse', code: 'expired', rules: [] }));
  meter.logged('enter', 4000, logged(null));
  expect((await samples(metrics)).filter((line) => /decisions|age/.test(line))).toEqual([
    'entente_gate_decisions_total{stage="leave",event="crossing",decision="permit",rule="one"} 1',
    'entente_gate_decisions_total{stage="leave",event="crossing",decision="refuse",rule="expired"} 1',
    'entente_gate_decisions_total{stage="enter",event="crossing",decision="",rule=""} 1',
    'entente_gate_age_seconds_sum{stage="leave"} 3',
    'entente_gate_age_seconds_count{stage="leave"} 2',
    'entente_gate_age_seconds_sum{stage="enter"} 1',
    'entente_gate_age_seconds_count{stage="enter"} 1',
  ]);
});

it('counts what it took, what it dropped and what it put off; each name says what it counts', async () => {
  const metrics = createMetrics();
  const meter = createMeter(metrics);
  meter.handled('nation', 250);
  meter.dropped('member', 'too-large');
  meter.deferred();
  meter.deferred();
  expect((await samples(metrics)).filter((line) => !/decisions|age/.test(line))).toEqual([
    'entente_gate_handling_seconds_sum{queue="nation"} 0.25',
    'entente_gate_handling_seconds_count{queue="nation"} 1',
    'entente_gate_dropped_total{queue="member",code="too-large"} 1',
    'entente_gate_deferred_total 2',
  ]);
  const help = (await metrics.text()).split('\n').filter((line) => line.startsWith('# HELP entente_gate_'));
  expect(help).toHaveLength(5);
  for (const line of help) expect(line).toMatch(/^# HELP \w+ [A-Z].+\.$/);
  expect(Object.isFrozen(meter)).toBe(true);
});
