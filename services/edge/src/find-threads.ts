import {
  type End,
  type Followed,
  followReferral,
  inOrder,
  type Referral,
  type Said,
  type Update,
  wire,
} from '@entente/contract';
import { readUnverifiedHeader } from '@entente/seal';
import type { AboutReferral, ReceivedRow, SaidRow } from './case-store.js';
import type { OutboxRow } from './outbox-row.js';
import type { Edge } from './state.js';

/** One referral of a case, and all that was said about it by both ends. */
export interface Thread {
  /** The referral's message. */
  readonly id: string;
  readonly caseId: string;
  /** Which end this member is. */
  readonly end: End;
  readonly counterpart: string;
  readonly ownRole: string;
  readonly theirRole: string;
  readonly referral: Referral;
  readonly said: readonly Said[];
  readonly followed: Followed;
  /** When it arrived, by the recipient's clock; null: not yet. */
  readonly deliveredMs: number | null;
}

/** The referrals of a case that this member sent or received, each with what became of it. */
export function findThreads(edge: Edge, caseId: string): Thread[] {
  const sent = edge.outbox.inCase(caseId);
  const received = edge.cases.inCase(caseId);
  const all = { sent, received };
  return [
    ...received.filter(({ updateWord }) => updateWord === '').map((row) => ofReceived(row, all)),
    ...sent.filter(({ updateWord }) => updateWord === '').map((row) => ofSent(row, all)),
  ];
}

/** One referral that was received, without reading what else its case has: that is as much as others want it to be. */
export function findReceived(edge: Edge, about: AboutReferral): Thread | undefined {
  const row = edge.cases.byId(about.sender, about.id);
  if (row?.caseId !== about.caseId || row.updateWord !== '') return undefined;
  return ofReceived(row, {
    sent: edge.outbox.saidOf(about.caseId, about.id),
    received: edge.cases.saidOf(about),
  });
}

/** The same of one that was sent. */
export function findSent(edge: Edge, id: string): Thread | undefined {
  const row = edge.outbox.find(id);
  if (row?.updateWord !== '') return undefined;
  return ofSent(row, {
    sent: edge.outbox.saidOf(row.caseId, id),
    received: edge.cases.saidOf({ caseId: row.caseId, sender: row.to, id }),
  });
}

interface Rows {
  readonly sent: readonly OutboxRow[];
  readonly received: readonly SaidRow[];
}

function ofReceived(row: ReceivedRow, rows: Rows): Thread {
  const { envelope } = wire.passage.decode(row.passage);
  const header = readUnverifiedHeader(envelope?.seal ?? new Uint8Array());
  const parties = { counterpart: row.sender, ownRole: header.toRole, theirRole: header.fromRole };
  const referral = JSON.parse(row.content) as Referral;
  return threadOf(
    { id: row.id, caseId: row.caseId, end: 'recipient', ...parties },
    referral,
    rows,
    row.receivedMs,
  );
}

function ofSent(row: OutboxRow, rows: Rows): Thread {
  const { to, from_role: ownRole, to_role: theirRole, content } = row.submission;
  const about = {
    id: row.id,
    caseId: row.caseId,
    end: 'originator',
    counterpart: to,
    ownRole,
    theirRole,
  } as const;
  return threadOf(about, content as Referral, rows, row.outcome === 'delivered' ? row.endedMs : null);
}

type About = Pick<Thread, 'id' | 'caseId' | 'end' | 'counterpart' | 'ownRole' | 'theirRole'>;

function threadOf(about: About, referral: Referral, rows: Rows, deliveredMs: number | null): Thread {
  const theirs = rows.received.filter(
    (row) => row.updateWord !== '' && row.inReplyTo === about.id && row.sender === about.counterpart,
  );
  // What was refused or came too late the other end never had.
  const ours = rows.sent.filter(
    (row) =>
      row.updateWord !== '' &&
      row.inReplyTo === about.id &&
      row.to === about.counterpart &&
      !['refused', 'expired'].includes(row.outcome),
  );
  const said = inOrder([
    ...theirs.map(({ id, issuedMs, content }) => ({
      id,
      by: otherEnd(about.end),
      issuedAtMs: issuedMs,
      content: JSON.parse(content) as Update,
    })),
    ...ours.map(({ id, createdMs, submission }) => ({
      id,
      by: about.end,
      issuedAtMs: createdMs,
      content: submission.content as Update,
    })),
  ]);
  const originatorRole = about.end === 'originator' ? about.ownRole : about.theirRole;
  return { ...about, referral, said, followed: followReferral(referral, said, originatorRole), deliveredMs };
}

function otherEnd(end: End): End {
  return end === 'recipient' ? 'originator' : 'recipient';
}
