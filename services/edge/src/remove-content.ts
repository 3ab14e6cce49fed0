import {
  type Content,
  type ErasureReason,
  type ItemOutcome,
  type Referral,
  type Update,
  wire,
} from '@entente/contract';
import { readUnverifiedHeader } from '@entente/seal';
import type { ReceivedRow } from './case-store.js';
import type { InspectionRow } from './inspection-store.js';
import type { OutboxRow } from './outbox-row.js';
import type { Edge } from './state.js';

/** Who had a content erased, and why: as the entry of its erasure has it. */
export interface WhyErased {
  readonly actor: string;
  readonly detail: ErasureReason | 'recalled';
  /** Where the decision can be found, the days of a referral, or the id of a recall. */
  readonly reference: string;
}

/**
 * The content of what was received goes, with its salt and the encrypted body: seal and proofs, which say that there was one, stay.
 *
 * INVARIANT: within a transaction of who calls it, so that nothing goes without its entry, and none says what is still there.
 */
export function removeReceived(edge: Edge, row: ReceivedRow, why: WhyErased): void {
  const { envelope, proofs } = wire.passage.decode(row.passage);
  const seal = envelope?.seal ?? new Uint8Array();
  const left = remains(JSON.parse(row.content) as Content);
  const passage = wire.passage.encode({ envelope: { seal }, proofs });
  edge.inspections.forget(row.messageHash);
  edge.cases.removeContent(row.messageHash, JSON.stringify(left), passage, edge.now());
  logErasure(edge, row.caseId, row.id, why);
}

/** The same of what was sent. */
export function removeSent(edge: Edge, row: OutboxRow, why: WhyErased): void {
  const seal = row.envelope && wire.envelope.decode(row.envelope).seal;
  const submission = { ...row.submission, content: remains(row.submission.content) };
  if (row.messageHash) edge.inspections.forget(row.messageHash);
  edge.outbox.removeContent(row.id, submission, seal && wire.envelope.encode({ seal }), edge.now());
  logErasure(edge, row.caseId, row.id, why);
}

/** A recall, as the reason why something is erased: by whoever has signed it. */
export function whyRecalled(edge: Edge, sender: string, id: string): WhyErased {
  const { envelope } = wire.passage.decode(edge.cases.byId(sender, id)?.passage ?? new Uint8Array());
  const { from, actor } = readUnverifiedHeader(envelope?.seal ?? new Uint8Array());
  return { actor: `${from}/${actor}`, detail: 'recalled', reference: id };
}

/** What an auditor was shown of another member's message goes; the result stays. The same invariant. */
export function removeInspected(edge: Edge, row: InspectionRow, why: WhyErased): void {
  edge.inspections.removeContent(row.id);
  logErasure(edge, row.caseId, row.messageId, why);
}

/** An entry of its own for each message. */
export function logErasure(edge: Edge, caseId: string, messageId: string, why: WhyErased): void {
  const about = { case_id: caseId, message_id: messageId, justification: '' };
  edge.access.add({ at_ms: edge.now(), what: 'erasure', ...about, ...why });
  edge.journal.owe();
}

function remains(content: Content): Content {
  return content.update === undefined ? remainsOfReferral(content) : remainsOfUpdate(content);
}

/** What the case still has to know: words of closed lists, numbers, and which items there were. */
function remainsOfReferral(referral: Referral): Referral {
  const { category, action, force, purpose, handling, urgency, retention_days, items, clocks } = referral;
  const { origin, handling_code } = referral;
  return {
    ...{ category, action, force, purpose, handling, urgency, retention_days },
    items: items.map(({ id, scope }) => ({ id, ...(scope === undefined ? {} : { scope }) })),
    ...(clocks === undefined ? {} : { clocks }),
    ...withoutUndefined({ origin, handling_code }),
  };
}

/** INVARIANT: what is kept is named here one by one, and none of it is in anybody's own words. */
function remainsOfUpdate(update: Update): Update {
  const { category, action, force, purpose, handling, urgency, retention_days, items } = update;
  const { ground, recall_ground, remove_copy, answers, forwarded_to, escalated_to, act_by } = update;
  const { clock, finding, minutes, origin, handling_code } = update;
  return withoutUndefined({
    ...{ update: update.update, category, action, force, purpose, handling, urgency, retention_days },
    ...{ ground, recall_ground, remove_copy, answers, forwarded_to, escalated_to, act_by },
    ...{ clock, finding, minutes, origin, handling_code },
    items: items?.map(({ id, outcome, check }) =>
      withoutUndefined({ id, outcome: outcome && remainsOfOutcome(outcome), check }),
    ),
  }) as Update;
}

function remainsOfOutcome({ result, at, ground, block, user }: ItemOutcome): ItemOutcome {
  return withoutUndefined({
    ...{ result, at, ground },
    // That there was a reason still counts.
    block: block && { ...block, ...(block.wider_because ? { wider_because: 'erased' } : {}) },
    user: user && withoutUndefined({ state: user.state, until: user.until }),
  }) as ItemOutcome;
}

function withoutUndefined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined));
}
