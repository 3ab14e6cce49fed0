import { userInfo } from 'node:os';
import type { AccessPage, InspectionView } from './access-view.js';
import { type AskedEdge, askEdge, EdgeRefusal } from './ask-edge.js';
import type { CaseView } from './case-view.js';
import type { HeldBy } from './hold-in-folder.js';
import type { HoldDecision, HoldView } from './hold-view.js';
import { findMember, type NetworkHome, readToken, tokenFile } from './home.js';
import type { AcceptedView, Preview, SentMessage } from './message-view.js';
import type { RetentionView } from './retention-view.js';

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
