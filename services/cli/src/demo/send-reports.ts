import { setTimeout as delay } from 'node:timers/promises';
import { type Evidence, nationOf } from '@entente/contract';
import { EdgeRefusal } from '../network/ask-edge.js';
import { type ClientPerson, edgeClient } from '../network/edge-client.js';
import type { NetworkHome } from '../network/home.js';
import type { SentMessage } from '../network/message-view.js';
import { type ReportFile, XARF_ROUTE } from './read-reports.js';

/** What became of one report. */
export interface SentReport {
  readonly report: ReportFile;
  readonly id: string;
  readonly caseId: string;
  /** False: it had been sent before, under the same key. */
  readonly isNew: boolean;
  readonly category: string;
  readonly outcome: 'delivered' | 'refused' | 'held' | 'recalled' | 'pending';
  readonly rule: string;
  readonly reason: string;
  readonly notes: readonly string[];
  readonly evidence: SentMessage['evidence'];
  readonly ms: number;
  /** Until then it is sent again; of one that never left, nothing. */
  readonly expiresAt: string;
}

export interface SendAs {
  /** Under which it is sent once; without one always. */
  readonly key?: string;
  /** Who sends it, and why. */
  readonly person: ClientPerson;
}

/** Sends one report and waits until it has an outcome that its sender can read. */
export async function sendReport(
  home: NetworkHome,
  report: ReportFile,
  withinMs: number,
  { key, person }: SendAs,
): Promise<SentReport> {
  const client = edgeClient(home, report.from, person);
  const startedMs = Date.now();
  try {
    const { id, is_new: isNew } =
      report.kind === 'xarf'
        ? await client.sendXarf(report.body, xarfRoute(report), key)
        : await client.send(report.body, key);
    const message = await outcomeOf(client, id, startedMs + withinMs, hasWholeWay(report));
    return { report, isNew, ...summary(message), ms: message.ms ?? Date.now() - startedMs };
  } catch (error) {
    if (!(error instanceof EdgeRefusal) || error.status !== 422) throw error;
    // The edge did not take it: it never left the sender's own machine.
    const nothing = {
      id: '',
      caseId: '',
      isNew: true,
      category: categoryOf(report),
      notes: [],
      evidence: [],
      expiresAt: '',
    };
    return {
      report,
      ...nothing,
      outcome: 'refused',
      rule: error.code,
      reason: error.message,
      ms: Date.now() - startedMs,
    };
  }
}

function xarfRoute({ to }: ReportFile) {
  const { to_role, from_role } = XARF_ROUTE;
  return { to, to_role, from_role };
}

/** A gate sends on and answers at the same time: evidence of delivery may be back before that of the gates. */
function hasWholeWay({ from, to }: ReportFile): (message: SentMessage) => boolean {
  const isInside = nationOf(from) === nationOf(to);
  const gates: Evidence[] = ['submission-accepted', ...(isInside ? [] : ['relay-accepted' as const])];
  return ({ outcome, evidence }) =>
    outcome !== 'delivered' || gates.every((word) => evidence.some((piece) => piece.evidence === word));
}

/** The message as soon as it has an outcome (and what else is asked of it), or as it is when the time is over. */
export async function outcomeOf(
  client: ReturnType<typeof edgeClient>,
  id: string,
  untilMs: number,
  isEnough: (message: SentMessage) => boolean = () => true,
): Promise<SentMessage> {
  for (;;) {
    const message = await client.message(id);
    if ((message.outcome !== '' && isEnough(message)) || Date.now() >= untilMs) return message;
    await delay(100);
  }
}

function summary(message: SentMessage): Omit<SentReport, 'report' | 'isNew' | 'ms'> {
  const decisive = decisiveEvidence(message);
  const rules = (decisive?.rules ?? []).map(({ id }) => id);
  return {
    id: message.id,
    caseId: message.case_id,
    category: message.category,
    outcome: message.outcome === '' ? 'pending' : message.outcome === 'expired' ? 'refused' : message.outcome,
    rule: rules.join(', ') || message.code || (message.outcome === 'refused' ? 'default-deny' : ''),
    reason: decisive?.reason || message.reason,
    notes: message.notes.map(({ text }) => text),
    evidence: message.evidence,
    expiresAt: message.expires_at,
  };
}

/** Of a refusal the refusal; of a delivery the permit of the last gate that has rules. */
function decisiveEvidence({ evidence }: SentMessage): SentMessage['evidence'][number] | undefined {
  const negative = evidence.find((piece) => /rejected|not-delivered|held/.test(piece.evidence));
  return negative ?? [...evidence].reverse().find(({ rules }) => rules.length > 0);
}

function categoryOf({ body }: ReportFile): string {
  const { category, content } = body as { category?: string; content?: { category?: string } };
  return content?.category ?? category ?? '';
}
