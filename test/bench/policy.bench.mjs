// How long a decision takes: alone, and when the same is asked again; and how long a new process takes to read packs. On a busy
// machine p99 shows the neighbours.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decide, decideCached, loadPack, packsDir } from '@entente/policy';

const RULES = 100;
const ROUNDS = 3000;
const AGAIN = 200_000;
const self = fileURLToPath(import.meta.url);

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
  dataSought: [],
  accuracy: 'assessed',
  origin: '',
  onwardConsent: false,
  agreement: 'none',
  criminality: 'not-stated',
  handlingCode: 'none',
  clocks: [
    { clock: 'notice-repeat', minutes: 1440 },
    { clock: 'act-on-notice', minutes: 1440 },
  ],
};
const crossing = {
  nation: 'DE',
  stage: 'leave',
  from: { id: 'hotline.de', nation: 'DE', types: ['hotline'], role: 'hotline' },
  to: { id: 'isp.fr', nation: 'FR', types: ['isp'], role: 'hosting' },
  facts,
  day: '2026-11-23',
};
const company = { id: 'isp.de', nation: 'DE', types: ['isp'], role: 'hosting' };

export function measure() {
  const shipped = loadPack(packsDir, 'DE');
  const large = loadLarge(RULES - shipped.rules.size);
  return [
    ...[shipped, large].flatMap((pack) => [
      alone(pack, 'permit', crossing),
      alone(pack, 'forbid', { ...crossing, facts: { ...facts, dataClasses: ['victim.identity'] } }),
      alone(pack, 'default denial, explained', { ...crossing, from: company }),
      again(pack),
    ]),
    ...reading(['DE'], ['DE', 'FR', 'NL', 'GB', 'NO', 'CH', 'IN']),
  ];
}

/** The shipped pack with as many more forbids, each of which is evaluated and none of which matches. */
function loadLarge(more) {
  const dir = mkdtempSync(join(tmpdir(), 'entente-bench-'));
  try {
    cpSync(packsDir, dir, { recursive: true });
    writeFileSync(
      join(dir, 'de', 'more.cedar'),
      Array.from({ length: Math.max(0, more) }, (_, index) => forbid(index)).join('\n'),
    );
    return loadPack(dir, 'DE');
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function forbid(index) {
  return `@id("more-${index}") @basis("none") @says("Never matches.")
forbid (principal, action == Action::"remove", resource)
when { context.facts.itemCount > ${1_000_000 + index} && context.facts.dataClasses.contains(DataClass::"victim.image") };`;
}

function alone(pack, kind, asked) {
  const { decision } = decide(pack, asked);
  for (let i = 0; i < 500; i++) decide(pack, asked);
  const times_ms = Array.from({ length: ROUNDS }, () => {
    const start = performance.now();
    decide(pack, asked);
    return performance.now() - start;
  }).sort((a, b) => a - b);
  const at = (share) => Number(times_ms[Math.floor(ROUNDS * share)]?.toFixed(3));
  return {
    what: `${pack.rules.size} rules, ${kind}`,
    decision,
    p50_ms: at(0.5),
    p99_ms: at(0.99),
    per_second: Math.round(1000 / at(0.5)),
  };
}

function again(pack) {
  const { decision } = decideCached(pack, crossing);
  const start = performance.now();
  for (let i = 0; i < AGAIN; i++) decideCached(pack, crossing);
  const per_second = Math.round(AGAIN / ((performance.now() - start) / 1000));
  return { what: `${pack.rules.size} rules, the same again`, decision, per_second };
}

/** In a process of its own each time, as gates and edges do at their start. */
function reading(...lists) {
  return lists.map((nations) => {
    const answer = execFileSync(process.execPath, [self, ...nations], { encoding: 'utf8' });
    return { what: `packs read by a new process: ${nations.length}`, ...JSON.parse(answer) };
  });
}

if (process.argv[1] === self) {
  const start = performance.now();
  for (const nation of process.argv.slice(2)) loadPack(packsDir, nation);
  const { user, system } = process.cpuUsage();
  const read_ms = Math.round(performance.now() - start);
  console.log(JSON.stringify({ read_ms, process_cpu_ms: Math.round((user + system) / 1000) }));
}
