import { userInfo } from 'node:os';
import type { End, ItemOutcome, ReferralState, Update, UpdatedItem } from '@entente/contract';
import type { AccessPage, InspectionView } from './access-view.js';
import { type AskedEdge, askEdge, EdgeRefusal } from './ask-edge.js';
import type { HeldBy } from './hold-in-folder.js';
import { findMember, type NetworkHome, readToken, tokenFile } from './home.js';
import type { RetentionView } from './retention-view.js';

/** What an edge answers about a sent message (`GET /v1/messages/:id`). */
export interface SentMessage {
  readonly id: string;
  readonly case_id: string;
  readonly to: string;
  readonly category: string;
  readonly action: string;
  readonly update: string;
  readonly state: 'draft' | 'sent' | 'ended';
  readonly outcome: '' | 'delivered' | 'refused' | 'held' | 'expired' | 'recalled';
  readonly code: string;
  readonly reason: string;
  readonly notes: readonly { readonly kind: string; readonly text: string }[];
  readonly created_at: string;
  readonly expires_at: string;
  readonly ms: number | null;
  readonly message_hash: string | null;
  /** Why it was sent; null: nobody has said so, or it is forgotten. */
  readonly justification: string | null;
  readonly evidence: readonly SentEvidence[];
}

export interface SentEvidence {
  readonly evidence: string;
  readonly source: string;
  readonly at: string;
  readonly code: string;
  readonly reason: string;
  readonly rules: readonly { readonly id: string; readonly basis: string; readonly says: string }[];
  readonly proof: string;
}

/** What an edge answers when it has taken a message, or had taken it before under the same key. */
export interface AcceptedView {
  readonly id: string;
  readonly case_id: string;
  readonly is_new: boolean;
}

export type EdgeClient = ReturnType<typeof clientOf>;

export interface ErasureOrder extends HeldBy {
  readonly reason: string;
  readonly reference: string;
}

/** Who works at this edge, and why: for its log of accesses, and of what is sent by commitment. Without a name it is the user of this machine. */
export interface ClientPerson {
  readonly actor?: string;
  readonly justification?: string;
}

const ANSWER_WITHIN_MS = 15_000;

/** Talks to the edge of one member of a network on this machine. */
export function edgeClient(
  home: NetworkHome,
  member: string,
  person: ClientPerson = {},
  withinMs = ANSWER_WITHIN_MS,
): EdgeClient {
  const base = `http://127.0.0.1:${findMember(home, member).httpPort}`;
  const edge = { member, base, token: readToken(home, member), withinMs };
  return clientOf(edge, person, (error) => (isWrongToken(error) ? wrongToken(home, member, error) : error));
}

/** The same of an edge that is known by its address (`https://…`, or `http://` on this machine) and its token. */
export function edgeAt(base: string, token: string, person: ClientPerson = {}): EdgeClient {
  return clientOf({ member: base, base, token, withinMs: ANSWER_WITHIN_MS }, person, (error) => error);
}

function clientOf(edge: AskedEdge, person: ClientPerson, explain: (error: unknown) => unknown) {
  const call = <T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    askEdge<T>(edge, { method, path, body, headers: { ...headersOf(person), ...headers } }).catch((error) => {
      throw explain(error);
    });
  return Object.freeze({
    send: (submission: unknown, key?: string) =>
      call<AcceptedView>('POST', '/v1/referrals', submission, keyHeader(key)),
    preview: (submission: unknown) => call<Preview>('POST', '/v1/preview', submission),
    sendXarf: (report: unknown, route: { to: string; to_role: string; from_role: string }, key?: string) =>
      call<AcceptedView>('POST', `/v1/reports/xarf?${new URLSearchParams(route)}`, report, keyHeader(key)),
    message: (id: string) => call<SentMessage>('GET', `/v1/messages/${encodeURIComponent(id)}`),
    messages: (limit = 500) => call<{ messages: SentMessage[] }>('GET', `/v1/messages?limit=${limit}`),
    inbox: (limit = 500) =>
      call<{
        messages: {
          id: string;
          from: string;
          case_id: string;
          category: string;
          action: string;
          update: string;
          received_at: string;
        }[];
      }>('GET', `/v1/inbox?limit=${limit}`),
    refused: () =>
      call<{ refused: { code: string; detail: string; sender: string; at: string }[] }>(
        'GET',
        '/v1/refused?limit=500',
      ),
    holds: () => call<{ holds: HoldView[] }>('GET', '/v1/holds?limit=500'),
    decideHold: (hash: string, choice: object) =>
      call<HoldDecision>('POST', `/v1/holds/${encodeURIComponent(hash)}`, choice),
    evidenceFile: (caseId: string, open: boolean) =>
      call<Buffer>('GET', `/v1/cases/${encodeURIComponent(caseId)}/evidence?open=${open}`),
    update: (caseId: string, update: object, key?: string) =>
      call<AcceptedView>('POST', `/v1/cases/${encodeURIComponent(caseId)}/updates`, update, keyHeader(key)),
    forward: (caseId: string, body: object, key?: string) =>
      call<AcceptedView>('POST', `/v1/cases/${encodeURIComponent(caseId)}/forward`, body, keyHeader(key)),
    escalate: (caseId: string, body: object, key?: string) =>
      call<AcceptedView>('POST', `/v1/cases/${encodeURIComponent(caseId)}/escalate`, body, keyHeader(key)),
    openCase: (caseId: string) =>
      call<{ opened: number }>('POST', `/v1/cases/${encodeURIComponent(caseId)}/open`),
    retention: () => call<RetentionView>('GET', '/v1/retention'),
    eraseCase: (caseId: string, order: ErasureOrder) =>
      call<{ messages: number; waiting: number; proofs: number; quarantined: number; overwritten: boolean }>(
        'POST',
        `/v1/cases/${encodeURIComponent(caseId)}/erase`,
        order,
      ),
    dropQuarantined: (id: string, order: ErasureOrder) =>
      call<{ dropped: boolean }>('POST', `/v1/quarantine/${encodeURIComponent(id)}/erase`, order),
    beginLegalHold: (caseId: string, order: object) =>
      call<{ reason: string; since: string; is_new: boolean }>(
        'PUT',
        `/v1/cases/${encodeURIComponent(caseId)}/legal-hold`,
        order,
      ),
    endLegalHold: (caseId: string, order: object) =>
      call<{ ended: boolean }>('DELETE', `/v1/cases/${encodeURIComponent(caseId)}/legal-hold`, order),
    case: (id: string) => call<CaseView>('GET', `/v1/cases/${encodeURIComponent(id)}`),
    access: (from: number) => call<AccessPage>('GET', `/v1/access?from=${from}`),
    anchorAccess: () =>
      call<{ is_new: boolean; anchor: AccessPage['anchors'][number] | null }>('POST', '/v1/access/anchor'),
    resolveActor: (pseudonym: string) =>
      call<{ pseudonym: string; name: string }>('GET', `/v1/actors/${encodeURIComponent(pseudonym)}`),
    inspect: (asked: object) => call<{ id: string }>('POST', '/v1/inspections', asked),
    inspection: (id: string) => call<InspectionView>('GET', `/v1/inspections/${encodeURIComponent(id)}`),
  });
}

function keyHeader(key: string | undefined): Record<string, string> {
  return key === undefined ? {} : { 'idempotency-key': key };
}

function isWrongToken(error: unknown): error is EdgeRefusal {
  return error instanceof EdgeRefusal && error.status === 401;
}

function wrongToken(home: NetworkHome, member: string, error: EdgeRefusal): EdgeRefusal {
  const words = `The edge of ${member} does not take the token in ${tokenFile(home, member)}: it runs with another one. Is another network on its port, or was the file changed since it started?`;
  return new EdgeRefusal(error.status, error.code, words, error);
}

function headersOf({ actor = userOfMachine(), justification = '' }: ClientPerson) {
  return {
    'entente-actor': encodeURIComponent(actor),
    ...(justification === '' ? {} : { 'entente-justification': encodeURIComponent(justification) }),
  };
}

/** A container's user has no name, and still is one. */
function userOfMachine(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? '?'}`;
  }
}

/** What an edge answers to `POST /v1/preview`. */
export interface Preview {
  readonly case_id: string;
  readonly passes: boolean;
  readonly content: unknown;
  readonly changes: readonly {
    readonly duty: string;
    readonly data_class: string;
    readonly nation: string;
    readonly rules: SentEvidence['rules'];
  }[];
  readonly verdicts: readonly {
    readonly nation: string;
    readonly stage: string;
    readonly decision: string;
    readonly reason: string;
    readonly rules: SentEvidence['rules'];
    readonly awaits: readonly string[];
    readonly clocks: readonly { clock: string; minutes: number; kind: string; basis: string }[];
  }[];
}

/** What waits for a release (`GET /v1/holds`). */
export interface HoldView {
  /** Hex. */
  readonly message_hash: string;
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly held_by: string;
  readonly until: string;
  readonly facts: { readonly category: string; readonly action: string; readonly force: string };
  readonly rules: SentEvidence['rules'];
  readonly decision: HoldDecision | null;
}

export interface HoldDecision {
  readonly decision: 'release' | 'refuse';
  readonly reason: string;
  readonly state: string;
}

export interface CaseView {
  readonly case_id: string;
  readonly referrals: readonly ReferralView[];
  readonly received: readonly {
    readonly id: string;
    readonly from: string;
    readonly update: string;
    readonly received_at: string;
    readonly opened_at: string | null;
    readonly copy_removed_at: string | null;
    readonly content: unknown;
    readonly proof: string;
    readonly message_hash: string;
  }[];
  readonly sent: readonly {
    readonly id: string;
    readonly to: string;
    readonly update: string;
    readonly outcome: string;
    readonly reason: string;
    readonly justification: string | null;
    readonly copy_removed_at: string | null;
    readonly content: unknown;
  }[];
}

interface LinkedCase {
  readonly case_id: string;
  readonly message: string;
}

/** One referral of a case, and what became of it, as its member sees it. */
export interface ReferralView {
  readonly message: string;
  readonly end: End;
  readonly counterpart: string;
  readonly action: string;
  readonly force: string;
  readonly state: ReferralState;
  readonly items: readonly {
    readonly id: string;
    /** Its address in truth, as its originator has said since. */
    readonly corrected_to?: Readonly<Record<string, unknown>>;
    readonly outcome?: ItemOutcome;
    readonly results: readonly string[];
    readonly check?: UpdatedItem['check'];
  }[];
  readonly questions: readonly { readonly id: string; readonly text: string }[];
  readonly is_escalated: boolean;
  readonly repeats: number;
  /** The notice is not given again by itself. */
  readonly repeats_used_up: boolean;
  readonly copy_recalled: boolean;
  /** The cases that this member made of it by sending it on or escalating it, and the one that it made this of. */
  readonly sent_on: readonly LinkedCase[];
  /** The corrections of what was sent on that its handling keeps here. */
  readonly kept_back: readonly string[];
  readonly made_of: LinkedCase | null;
  readonly said: readonly {
    readonly id: string;
    readonly by: End;
    readonly at: string;
    readonly content: Update;
    readonly without_effect: string;
  }[];
  readonly clocks: readonly {
    readonly clock: string;
    readonly kind: string;
    readonly minutes: number;
    readonly is_extended: boolean;
    readonly starts: string;
    readonly ends: string;
    readonly due_at: string | null;
    readonly met_at: string | null;
    readonly is_overdue: boolean;
  }[];
  readonly possible: readonly string[];
}
