// What a referral costs from one member to another across a border, with evidence of delivery returned, beside what its signatures
// and its encryption alone would take on this machine. All parties run here. `SECONDS=60 npm run bench -- flow`;
// `RATE=150 UNCOUNTED=30000 SECONDS=600 npm run bench -- flow` takes no more than that rate, and shows how much memory is used after each minute:
// it rises until the heaps and what is remembered of the newest messages have their size, so more go before those that are counted.
import { cpus } from 'node:os';
import { AT_ONCE, measureBurst } from './burst.mjs';
import { measureGate } from './gate-alone.mjs';
import { measureFloor, measureJetStream } from './limits.mjs';
import { round } from './load.mjs';
import { IN_FLIGHT, measureFlow, UNCOUNTED } from './measure-flow.mjs';

const SETTLE_SECONDS = 5;

export async function measure() {
  const { RATE } = process.env;
  if (RATE) {
    const steady = await measureFlow((load) => load({ rate: Number(RATE), uncounted: UNCOUNTED }));
    return [{ what: `referrals with evidence, ${RATE} a second`, ...steady }];
  }
  const floors = [await measureFloor()];
  const stored = await measureJetStream(process.env.NATS_SERVER ?? 'nats-server');
  const gate = await measureGate();
  const [flow, half, burst] = await measureFlow(async (load, home) => {
    const most = await load({ uncounted: UNCOUNTED });
    const rate = most.perSecond / 2;
    return [most, await load({ rate, uncounted: rate * SETTLE_SECONDS }), await measureBurst(home)];
  });
  // The machine does not give the same all the time: before and after, and what it gave at its best counts.
  floors.push(await measureFloor());
  const best = (what) => Math.max(...floors.map((floor) => floor[what]));
  const ratio = (part, whole) => Number((part / whole).toFixed(2));
  return [
    ...floors.map((floor, i) => ({
      what: `(a) cryptography of a referral, ${cpus().length} cores, ${i === 0 ? 'before' : 'after'}`,
      ...floorOf(floor),
    })),
    { what: 'verifications alone', perSecond: Math.round(best('verifications')) },
    { what: '(b) JetStream alone: stored and consumed', perSecond: Math.round(stored) },
    { what: 'a gate, its ledger and its server', ...gate },
    { what: 'that / verifications', ratio: ratio(gate.perSecond, best('verifications')) },
    { what: `(c) referrals with evidence, ${IN_FLIGHT} under way`, ...flow },
    { what: '(c) at half of that rate', ...half },
    { what: `${AT_ONCE} handed in at once, until the last has arrived`, ...burst },
    { what: '(c) / (a)', ratio: ratio(flow.perSecond, best('referrals')) },
    {
      what: 'the same by processor time',
      ratio: ratio(Math.min(...floors.map(({ cpuMs }) => cpuMs)), flow['cpu all']),
    },
  ];
}

function floorOf({ referrals, cpuMs }) {
  return { perSecond: Math.round(referrals), 'cpu all': round(cpuMs), 'cpu unit': 'ms a referral' };
}
