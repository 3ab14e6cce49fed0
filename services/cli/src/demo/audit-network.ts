import { nationOf } from '@entente/contract';
import { auditLog } from '../history/audit-log.js';
import { faultWords } from '../history/faults-of-logs.js';
import { chooseLogs, type LogSource } from '../history/log-source.js';
import { reconcile } from '../history/reconcile.js';
import { sampleLog } from '../history/sample-log.js';
import { edgeClient } from '../network/edge-client.js';
import { type NetworkHome, paths } from '../network/home.js';
import { inspectMessage, wordsOfInspection } from '../network/inspect-message.js';

/** What an auditor found. */
export interface NetworkAudit {
  readonly logs: readonly { readonly nation: string; readonly origin: string; readonly size: number }[];
  /** Messages whose signature holds. */
  readonly seals: number;
  /** Crossings that were decided again. */
  readonly decided: number;
  /** Messages that are in both logs, where they left and where they arrived. */
  readonly arrived: number;
  /** Null: this network has no auditor, or nothing crossed in its nation. */
  readonly inspection: SampledInspection | null;
  readonly faults: readonly string[];
}

export interface SampledInspection {
  readonly auditor: string;
  readonly of: string;
  readonly message: string;
  readonly seed: number;
  readonly result: string;
  readonly words: string;
}

const ANSWER_WITHIN_MS = 30_000;

/**
 * Audits a running network as somebody elsewhere would: each log at the address of its ledger, with the auditors' token and the trust
 * anchors; and one message, drawn by chance, is opened by a member of the auditor's nation and compared with what was sealed.
 */
export async function auditNetwork(home: NetworkHome): Promise<NetworkAudit> {
  const sources = home.nations.flatMap(({ code, vkey }) => {
    const port = home.logPorts?.[code];
    if (port === undefined) return [];
    return chooseLogs({
      ...{ nation: code, vkey, log: `http://127.0.0.1:${port}`, anchors: paths.anchors(home.dir) },
      tokenFile: paths.secret(home.dir, `services.${code.toLowerCase()}`, 'auditor.token'),
    });
  });
  const audits = [];
  for (const source of sources) audits.push(await auditLog(source, { verdicts: true }));
  const { directions, disagreements } = await reconcile(sources);
  const inspection = await inspectOne(home, sources);
  const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);
  const isWrong = inspection !== null && !inspection.result.startsWith('match');
  return {
    logs: audits.map(({ nation, origin, size }) => ({ nation, origin, size })),
    seals: sum(audits.map(({ seals }) => seals)),
    decided: sum(audits.flatMap(({ decided }) => Object.values(decided?.crossings ?? {}))),
    arrived: sum(directions.map(({ arrived }) => arrived)),
    inspection,
    faults: [
      ...audits.flatMap(({ nation, faults }) => faults.map((fault) => faultWords({ nation, ...fault }))),
      ...disagreements.map(faultWords),
      ...(isWrong ? [`inspection of ${inspection.message}: ${inspection.words}`] : []),
    ],
  };
}

/** A referral that was let pass; who sent it opens it, or who received it, whichever is in the auditor's nation. */
async function inspectOne(
  home: NetworkHome,
  sources: readonly LogSource[],
): Promise<SampledInspection | null> {
  const auditor = home.nations
    .flatMap(({ members }) => members)
    .find(({ roles }) => roles.includes('auditor'))?.id;
  const source = auditor && sources.find(({ nation }) => nation === nationOf(auditor));
  if (!auditor || !source) return null;
  const { seed, strata } = await sampleLog(source, { size: 1 });
  const kinds = strata.filter(({ event, decision }) => event === 'crossing' && decision === 'permit');
  const drawn = kinds[seed % kinds.length]?.drawn[0];
  if (!drawn) return null;
  const of = nationOf(drawn.from) === source.nation ? drawn.from : drawn.to;
  const seen = await inspectMessage(
    edgeClient(home, auditor),
    {
      ...{ case_id: drawn.caseId, message_id: drawn.id, message_hash: drawn.messageHash },
      ...{ of, reason: 'sample' },
    },
    ANSWER_WITHIN_MS,
  );
  return { auditor, of, message: drawn.id, seed, result: seen.result, words: wordsOfInspection(seen) };
}
