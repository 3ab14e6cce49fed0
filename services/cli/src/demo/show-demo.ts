import type { Line } from '../print.js';
import type { NetworkAudit } from './audit-network.js';
import type { DemoResult } from './run-demo.js';
import type { SentReport } from './send-reports.js';

/** One report for a person: from whom to whom, what each gate decided and why, what is proved. */
export function showSent({
  report,
  id,
  caseId,
  category,
  outcome,
  rule,
  reason,
  notes,
  evidence,
  ms,
  expiresAt,
}: SentReport): Line[] {
  const colour = {
    delivered: 'green',
    refused: 'yellow',
    held: 'cyan',
    recalled: 'yellow',
    pending: 'red',
  } as const;
  const word = {
    delivered: 'delivered',
    refused: 'returned to sender',
    held: 'held',
    recalled: 'taken back',
    pending: 'NO OUTCOME',
  }[outcome];
  return [
    [
      colour[outcome],
      word.padEnd(18),
      ` ${report.from} → ${report.to}  ${category}  ${ms} ms  ${report.title}`,
    ],
    ...evidence.map((piece) => `  ${piece.evidence.padEnd(20)} ${piece.source.padEnd(11)} ${wordsOf(piece)}`),
    ...(evidence.length === 0 && outcome !== 'pending' ? [`  ${rule}: ${reason}`] : []),
    ...(outcome === 'pending' ? stillUnderWay(report.from, expiresAt) : []),
    ...notes.map((note) => `  note: ${note}`),
    ...(id === '' ? [] : [`  id ${id}, case ${caseId}`]),
  ];
}

function stillUnderWay(from: string, expiresAt: string): string[] {
  return [
    `  still under way: nothing is lost, it is sent again until ${expiresAt}`,
    `  look again with "entente inbox --member ${from} --sent"; "entente doctor" says what does not run`,
  ];
}

function wordsOf({ rules, reason, code }: SentReport['evidence'][number]): string {
  if (rules.length > 0) return rules.map(({ id, says, basis }) => `${id}: ${says} [${basis}]`).join('; ');
  return [code, reason].filter((text) => text !== '').join(': ');
}

function auditLines({ logs, seals, decided, arrived, inspection }: NetworkAudit): Line[] {
  return [
    '',
    `An auditor reads the ${logs.length} logs at their ledgers' addresses, with the auditors' tokens:`,
    ...logs.map(({ origin, size }) => `  ${origin}: ${size} entries`),
    `  verify: files, hashes, checkpoints and records; ${seals} messages are signed by who they name`,
    `  replay: ${decided} decisions again, each under the pack of its day`,
    `  reconcile: ${arrived} messages arrived in the nation that they had left for`,
    ...(inspection
      ? [
          `  inspect: ${inspection.auditor} has ${inspection.of} open message ${inspection.message} (drawn with seed ${inspection.seed}):`,
          `    ${inspection.words}`,
        ]
      : []),
  ];
}

export function showResult({ counts, ledgers, proofsVerified, audit, ok, faults }: DemoResult): Line[] {
  return [
    '',
    `${counts.sent} sent: ${counts.delivered} delivered, ${counts.refused} returned to sender, ${counts.held} held`,
    ...ledgers.map(
      ({ nation, size, root, verified }) =>
        `ledger ${nation}: ${size} entries, root ${root.slice(0, 16)}…, ${verified ? 'verified' : 'DOES NOT VERIFY'}`,
    ),
    `${proofsVerified} proofs of delivered messages verified`,
    ...auditLines(audit),
    ...[...faults, ...audit.faults].map((fault) => `FAULT ${fault}`),
    ok ? ['green', 'All is well.', ''] : ['red', 'Something is wrong, see above.', ''],
  ];
}
