import { readFileSync } from 'node:fs';
import { type Bus, inboxPrefix, openBus } from '@entente/bus';
import { type NetworkHome, openDirectory, paths } from '@entente/cli';
import {
  type Content,
  computeFacts,
  type MemberId,
  memberToken,
  nationOf,
  newId,
  type Role,
  wire,
} from '@entente/contract';
import { type Draft, loadSigner, type Signer, sealReferral } from '@entente/seal';
import { withClocks } from './clocks.js';
import type { Submission } from './examples.js';

/** What whoever stole one party's secrets can do with them. */

export async function busOfMember(
  home: NetworkHome,
  member: string,
  url = natsUrl(home, nationOf(member)),
): Promise<Bus> {
  return await openBus({
    servers: url,
    name: 'stolen',
    seed: seedOf(home, member, 'nats.nkey'),
    inboxPrefix: inboxPrefix(memberToken(member)),
  });
}

/** The gate's own user inside a nation. */
export async function busOfGate(home: NetworkHome, nation: string): Promise<Bus> {
  return await openBus({
    servers: natsUrl(home, nation),
    name: 'stolen',
    seed: seedOf(home, `services.${nation.toLowerCase()}`, 'gate.nkey'),
    inboxPrefix: inboxPrefix('gate'),
  });
}

/** The gate's user towards the interconnect. */
export async function busOfGateAcross(home: NetworkHome, nation: string): Promise<Bus> {
  return await openBus({
    servers: natsUrl(home, nation),
    name: 'stolen',
    seed: seedOf(home, `services.${nation.toLowerCase()}`, 'gate-cross.nkey'),
    inboxPrefix: inboxPrefix('gate'),
  });
}

export async function signerOf(home: NetworkHome, member: string): Promise<Signer> {
  return await loadSigner(paths.secret(home.dir, member, 'sign.key'));
}

export interface Forgery {
  readonly header?: Partial<Draft>;
  readonly signer?: Signer;
  readonly content?: Record<string, unknown>;
  /** What is sealed in place of the content's own JSON; the facts stay those of the content. */
  readonly text?: string | Uint8Array;
  /** Whose key the body is encrypted to. */
  readonly encryptTo?: string;
}

/** A referral as an edge would seal it, except for what the forgery changes. */
export async function sealed(home: NetworkHome, from: string, submission: Submission, forgery: Forgery = {}) {
  const directory = await openDirectory(home);
  const nowMs = Date.now();
  const said = { ...submission.content, ...forgery.content } as unknown as Content;
  const content = withClocks(said, submission.to as MemberId, submission.to_role as Role);
  const draft: Draft = {
    profile: wire.Profile.PROFILE_TEST,
    id: newId(),
    caseId: newId(),
    from: from as MemberId,
    fromRole: submission.from_role,
    to: submission.to,
    toRole: submission.to_role,
    inReplyTo: '',
    issuedAtMs: nowMs,
    expiresAtMs: nowMs + 3_600_000,
    actor: '',
    ...forgery.header,
  };
  const signer = forgery.signer ?? (await signerOf(home, from));
  const recipient = directory.encryptionKey(forgery.encryptTo ?? submission.to, nowMs);
  const bytes = Buffer.from(forgery.text ?? JSON.stringify(content));
  return { draft, ...(await sealReferral(draft, bytes, computeFacts(content), { signer, recipient })) };
}

/** What stands in a file of NATS credentials. */
export function seedOf(home: NetworkHome, owner: string, name: string): string {
  return readFileSync(paths.secret(home.dir, owner, name), 'utf8').trim();
}

export function natsPort(home: NetworkHome, nation: string): number {
  return home.nations.find(({ code }) => code === nation)?.natsPort ?? 0;
}

function natsUrl(home: NetworkHome, nation: string): string {
  return `nats://127.0.0.1:${natsPort(home, nation)}`;
}
