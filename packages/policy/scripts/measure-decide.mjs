// Prints how long a decision takes that no cache answers: `npm run build && node scripts/measure-decide.mjs`.
import { decide, loadPack, packsDir } from '../dist/index.js';

const ROUNDS = 3000;
const facts = {
  category: 'csam',
  action: 'remove',
  force: 'notice',
  purpose: 'removal',
  legalBasis: ['dsa-16'],
  instrument: '',
  dataClasses: ['free-text', 'network-address', 'content-hash'],
  subjects: [],
  itemCount: 1,
  handling: 'TLP:AMBER',
  urgency: 'routine',
  scope: 'exact-address',
  deadlineMs: 0,
  retentionDays: 180,
  reporterConsent: false,
};
const crossing = {
  nation: 'DE',
  stage: 'leave',
  from: { id: 'hotline.de', nation: 'DE', types: ['hotline'], role: 'hotline' },
  to: { id: 'isp.fr', nation: 'FR', types: ['isp'], role: 'hosting' },
  facts,
  day: '2026-11-23',
};
const from = { id: 'isp.de', nation: 'DE', types: ['isp'], role: 'hosting' };

const start = performance.now();
const pack = loadPack(packsDir, 'DE');
console.log(
  `load: ${(performance.now() - start).toFixed(0)} ms, ${pack.rules.size} rules, Cedar ${pack.engine}`,
);
report('permit', crossing);
report('forbid', { ...crossing, facts: { ...facts, dataClasses: ['victim.identity'] } });
report('default denial, explained', { ...crossing, from });

function report(name, asked) {
  for (let i = 0; i < 500; i++) decide(pack, asked);
  const times = Array.from({ length: ROUNDS }, () => {
    const before = performance.now();
    decide(pack, asked);
    return performance.now() - before;
  }).sort((a, b) => a - b);
  const at = (share) => `${(times[Math.floor(ROUNDS * share)] ?? 0).toFixed(2)} ms`;
  console.log(`${name}: p50 ${at(0.5)}, p99 ${at(0.99)}`);
}
