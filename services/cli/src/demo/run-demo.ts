import type { ClientPerson } from '../network/edge-client.js';
import { findMember, type NetworkHome } from '../network/home.js';
import { auditNetwork, type NetworkAudit } from './audit-network.js';
import type { ReportFile } from './read-reports.js';
import { type SentReport, sendReport } from './send-reports.js';
import { type LedgerReport, openDirectory, verifyDelivered, verifyLedgers } from './verify-network.js';

/** The object that `npm start -- --json` prints. */
export interface DemoResult {
  readonly nations: readonly string[];
  readonly members: readonly string[];
  readonly messages: readonly DemoMessage[];
  readonly counts: {
    readonly sent: number;
    readonly delivered: number;
    readonly refused: number;
    readonly held: number;
  };
  readonly ledgers: readonly LedgerReport[];
  readonly proofsVerified: number;
  /** What an auditor finds, who has the auditors' tokens and no access to this machine's files. */
  readonly audit: NetworkAudit;
  readonly ok: boolean;
  readonly faults: readonly string[];
}

export interface DemoMessage {
  readonly file: string;
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly category: string;
  readonly outcome: SentReport['outcome'];
  readonly rule: string;
  readonly reason: string;
  readonly notes: readonly string[];
  readonly evidence: readonly string[];
  readonly ms: number;
}

/** An authority says why it sends something, also where it is an example. */
const DEMO: ClientPerson = { justification: 'an example of this network' };
const AT_ONCE = 8;
const OUTCOME_WITHIN_MS = 60_000;

/**
 * Sends reports over a running network, waits for every outcome, then checks every log and every proof; at last it is audited.
 * @param onSent called in the order of the reports, as soon as each has its outcome
 */
export async function runDemo(
  home: NetworkHome,
  reports: readonly ReportFile[],
  onSent: (sent: SentReport) => void,
): Promise<DemoResult> {
  const sent = await sendAll(home, reports, onSent);
  const ledgers = await verifyLedgers(home);
  const { proofsVerified, faults } = await verifyProofs(home, sent);
  const audit = await auditNetwork(home);
  const count = (outcome: SentReport['outcome']) => sent.filter((one) => one.outcome === outcome).length;
  const counts = {
    sent: sent.length,
    delivered: count('delivered'),
    refused: count('refused'),
    held: count('held'),
  };
  const allEnded = counts.sent === counts.delivered + counts.refused + counts.held;
  return {
    nations: home.nations.map(({ code }) => code),
    members: home.nations.flatMap(({ members }) => members.map(({ id }) => id)),
    messages: sent.map(toMessage),
    counts,
    ledgers,
    proofsVerified,
    audit,
    ok:
      allEnded &&
      faults.length === 0 &&
      audit.faults.length === 0 &&
      ledgers.every(({ verified }) => verified),
    faults,
  };
}

async function sendAll(
  home: NetworkHome,
  reports: readonly ReportFile[],
  onSent: (sent: SentReport) => void,
): Promise<SentReport[]> {
  for (const { from } of reports) findMember(home, from);
  const sent: SentReport[] = [];
  for (let i = 0; i < reports.length; i += AT_ONCE) {
    const batch = await Promise.all(
      reports
        .slice(i, i + AT_ONCE)
        .map((report) => sendReport(home, report, OUTCOME_WITHIN_MS, { person: DEMO })),
    );
    batch.forEach(onSent);
    sent.push(...batch);
  }
  return sent;
}

async function verifyProofs(home: NetworkHome, sent: readonly SentReport[]) {
  const directory = await openDirectory(home);
  const faults: string[] = [];
  let proofsVerified = 0;
  for (const one of sent.filter(({ outcome }) => outcome === 'delivered')) {
    try {
      proofsVerified += await verifyDelivered(home, directory, one);
    } catch (error) {
      faults.push(`${one.report.file}: ${(error as Error).message}`);
    }
  }
  return { proofsVerified, faults };
}

function toMessage({
  report,
  id,
  category,
  outcome,
  rule,
  reason,
  notes,
  evidence,
  ms,
}: SentReport): DemoMessage {
  const { file, from, to } = report;
  return {
    file,
    id,
    from,
    to,
    category,
    outcome,
    rule,
    reason,
    notes,
    evidence: evidence.map((piece) => piece.evidence),
    ms,
  };
}
