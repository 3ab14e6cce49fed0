import { readFileSync } from 'node:fs';
import { type NetworkPlan, paths, type SentMessage } from '@entente/cli';
import { newId, subjects, wire } from '@entente/contract';
import { type Signer, sealStatement } from '@entente/seal';
import { hasWholeWay, OUTCOME_WITHIN_MS } from './case-work.js';
import { examples, type Submission } from './examples.js';
import { busOfMember, signerOf } from './hostile.js';
import { TEST_WHY, type TestNetwork } from './network.js';
import { waitFor } from './wait.js';

/** The Netherlands, where a court releases what a prosecutor orders, and a neighbour that has a court as well. */
export function courtPlan(germans: readonly string[] = ['court']): NetworkPlan {
  const member = (id: string, types: readonly string[], roles = types) => ({ id, name: id, types, roles });
  const nations = [
    { code: 'DE', members: germans.map((type) => member(`${type}.de`, [type])) },
    {
      code: 'NL',
      members: [
        member('prosecutor.nl', ['prosecutor']),
        member('magistrate.nl', ['prosecutor', 'court']),
        member('court.nl', ['court']),
        member('court2.nl', ['court']),
        member('police.nl', ['police']),
        member('isp.nl', ['isp'], ['access', 'hosting']),
      ],
    },
  ];
  return { name: 'entente-courts', nations: nations as NetworkPlan['nations'] };
}

/** A Dutch prosecutor's order to block a shop: it waits for the court. */
export function blockingOrder(more: Record<string, unknown> = {}): Submission {
  const block = contentOf('06-csam-block-order');
  const shop = contentOf('11-fraud-shop');
  const { order, language, retention_days, handling, urgency, purpose } = block;
  const [item] = block.items as Record<string, unknown>[];
  return {
    to: 'isp.nl',
    to_role: 'access',
    from_role: 'prosecutor',
    content: {
      ...{ order, language, retention_days, handling, urgency, purpose },
      summary: 'A shop that never delivers.',
      ...{ category: 'fraud', action: 'block', force: 'order', legal_basis: ['national-law'] },
      necessity: 'The provider carries the traffic of its customers to the site.',
      items: [
        {
          ...item,
          address: { domain: 'shop.example' },
          scope: 'domain',
          site_type: 'marketplace',
          class_at_origin: 'crime',
        },
      ],
      details: shop.details,
      ...more,
    },
  };
}

function contentOf(file: string): Record<string, unknown> {
  const example = examples().find((one) => one.file.startsWith(file));
  if (!example) throw new Error(`the example ${file} is gone`);
  return example.submission.content;
}

export interface Hold {
  readonly message_hash: string;
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly as: string;
  readonly held_by: string;
  readonly until: string;
  readonly proof: string;
  readonly rules: readonly { readonly id: string; readonly basis: string; readonly says: string }[];
  readonly facts: { readonly action: string };
  readonly decision: { readonly state: string; readonly decision: string } | null;
}

/** One request to the API of a member's edge, with its status. */
export async function callEdge(net: TestNetwork, member: string, path: string, body?: unknown) {
  const members = net.home.nations.flatMap((nation) => nation.members);
  const port = members.find(({ id }) => id === member)?.httpPort;
  const token = readFileSync(paths.secret(net.home.dir, member, 'http.token'), 'utf8').trim();
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'entente-actor': 'desk',
      'entente-justification': encodeURIComponent(TEST_WHY),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as unknown };
}

export async function holdsOf(net: TestNetwork, member: string): Promise<Hold[]> {
  return ((await callEdge(net, member, '/v1/holds?limit=500')).body as { holds: Hold[] }).holds;
}

export interface HeldOrder {
  /** Who waits to be asked. */
  readonly approver?: string;
  readonly from?: string;
  readonly content?: Record<string, unknown>;
}

/** Sends an order, and waits until it is held and `approver` has been told. */
export async function sendHeld(
  net: TestNetwork,
  { approver = 'court.nl', from = 'prosecutor.nl', content = {} }: HeldOrder = {},
) {
  const { id } = await net.client(from).send(blockingOrder(content));
  const hold = await waitFor('a hold', async () =>
    (await holdsOf(net, approver)).find((one) => one.id === id),
  );
  const sent = await waitFor('the sender hears of it', async () => {
    const message = await net.client(from).message(id);
    return message.outcome === 'held' ? message : undefined;
  });
  return { id, hold, sent, hash: hold.message_hash };
}

export async function decide(net: TestNetwork, member: string, hash: string, decision: 'release' | 'refuse') {
  const reason = decision === 'release' ? 'lawful' : 'disproportionate';
  const answer = await callEdge(net, member, `/v1/holds/${hash}`, {
    decision,
    reason,
    justification: 'Kept here.',
  });
  if (answer.status !== 202) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
}

/** @param words evidence that has to be there as well: it comes by other ways than what ends a message */
export async function ended(
  net: TestNetwork,
  id: string,
  from = 'prosecutor.nl',
  words: readonly string[] = [],
): Promise<SentMessage> {
  let last: SentMessage | undefined;
  return await waitFor(
    () => `the end of ${id}: ${JSON.stringify(last)}`,
    async () => {
      const message = await net.client(from).message(id);
      last = message;
      const said = message.evidence.map(({ evidence }) => evidence);
      const isWhole = hasWholeWay(from, message) && words.every((word) => said.includes(word));
      return message.state === 'ended' && isWhole ? message : undefined;
    },
    OUTCOME_WITHIN_MS,
  );
}

export interface Claim {
  readonly from: string;
  readonly as: string;
  readonly to: string;
  readonly toRole: string;
  readonly about: { readonly id: string; readonly hash: string };
  readonly signer?: Signer;
  readonly evidence?: 'released' | 'not-released';
  readonly header?: { readonly expiresAtMs?: number };
}

/** An approval as whoever has a member's secrets can seal it, past its edge. */
export async function sealedApproval(net: TestNetwork, claim: Claim) {
  const nowMs = Date.now();
  const draft = {
    profile: wire.Profile.PROFILE_TEST,
    id: newId(),
    caseId: newId(),
    from: claim.from,
    fromRole: claim.as,
    to: claim.to,
    toRole: claim.toRole,
    inReplyTo: claim.about.id,
    issuedAtMs: nowMs,
    expiresAtMs: nowMs + 3_600_000,
    actor: '',
  };
  const about = [
    { messageId: claim.about.id, messageHash: Buffer.from(claim.about.hash, 'hex'), code: 'lawful' },
  ];
  const signer = claim.signer ?? (await signerOf(net.home, claim.from));
  const statement = { evidence: claim.evidence ?? 'released', atMs: nowMs, about };
  return await sealStatement(draft, statement, signer, wire.Kind.KIND_APPROVAL);
}

export async function handIn(net: TestNetwork, by: string, envelope: Uint8Array): Promise<void> {
  const bus = await busOfMember(net.home, by);
  try {
    await bus.publish(subjects.out(by as never), envelope, { timeoutMs: 60_000 });
  } finally {
    await bus.close();
  }
}
