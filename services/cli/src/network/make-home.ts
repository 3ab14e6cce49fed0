import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatVkey, formatWitnessVkey } from '@entente/audit';
import { createUserKey, interconnectConfig } from '@entente/bus';
import { freePorts } from '@entente/bus/free-ports';
import { memberToken, type wire } from '@entente/contract';
import { LIST_FILE, partFile, signList, signPart } from '@entente/members';
import {
  createSigner,
  generateKey,
  type KeyKind,
  publicJwk,
  writeKeyFile,
  writeSecretFile,
} from '@entente/seal';
import { ensurePacks } from './build-pack.js';
import { type NetworkHome, nth, paths, witnessName } from './home.js';
import { makeServers, type ServerPorts } from './make-servers.js';
import type { MemberPlan, NationPlan, NetworkPlan } from './plan.js';

const YEAR_MS = 365 * 86_400_000;

/**
 * Makes a network's keys, signed directory and server configurations in a new folder. For a loopback network all secrets lie
 * in one place; real nations and members each make their own, with `entente keys` and `entente directory`.
 */
export async function makeHome(dir: string, plan: NetworkPlan, nowMs: number): Promise<NetworkHome> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  chmodSync(dir, 0o700);
  const services = plan.nations.flatMap(servicesOf);
  const serverCount = plan.nations.reduce((sum, nation) => sum + serversOf(nation), 0);
  const members = plan.nations.flatMap((nation) => nation.members);
  const ports = await freePorts(
    2 + 3 * serverCount + members.length + services.length + 2 * plan.nations.length,
  );
  const next = () => ports.shift() as number;
  const interconnect = { clientPort: next(), leafPort: next() };
  const agencies: wire.NationListFrame['agencies'][number][] = [];
  const nations: NetworkHome['nations'][number][] = [];
  const leaves: { nation: string; password: string }[] = [];
  const witnesses: { nation: string; vkey: string }[] = [];
  const witnessPorts: Record<string, number> = {};
  mkdirSync(paths.directory(dir), { recursive: true });
  for (const nation of plan.nations) {
    const agency = await newKey(dir, `agency.${nation.code.toLowerCase()}`, 'sign.key', 'Ed25519', nowMs);
    agencies.push({ nation: nation.code, keys: [agency.stated] });
    const servers = Array.from({ length: serversOf(nation) }, () => ({
      natsPort: next(),
      routePort: next(),
      statusPort: next(),
    }));
    const password = randomBytes(32).toString('base64url');
    leaves.push({ nation: nation.code, password });
    const witnessPort = next();
    witnessPorts[nation.code] = witnessPort;
    const { part, users, home, witness } = await makeNation(dir, plan, nation, { witnessPort, nowMs });
    await makeServers(
      dir,
      nation.code,
      users,
      { addresses: [{ port: interconnect.leafPort }], password },
      servers,
    );
    nations.push({
      ...home,
      natsPort: servers[0]?.natsPort ?? 0,
      ...(nation.cluster ? { cluster: { ...nation.cluster, servers: servers.map(shownPorts) } } : {}),
      members: nation.members.map(({ id, roles }) => ({ id, roles, httpPort: next() })),
    });
    witnesses.push({ nation: nation.code, vkey: witness.vkey });
    writeFileSync(
      join(paths.directory(dir), partFile(nation.code)),
      await signPart(part, await createSigner(agency.jwk)),
    );
  }
  await writeList(dir, plan, agencies, nowMs);
  await ensurePacks(
    dir,
    plan.nations.map(({ code }) => code),
  );
  await writeSecretFile(
    paths.interconnectConfig(dir),
    interconnectConfig({
      serverName: 'interconnect',
      clientPort: interconnect.clientPort,
      leaves: { port: interconnect.leafPort },
      nations: leaves,
    }),
  );
  const operationPorts = Object.fromEntries(services.map((name) => [name, next()]));
  const logPorts = Object.fromEntries(plan.nations.map(({ code }) => [code, next()]));
  writeFileSync(paths.witnessPolicy(dir), policyText(nations, witnesses));
  const home = { name: plan.name, interconnect, nations, logPorts, witnessPorts, operationPorts };
  writeFileSync(paths.network(dir), `${JSON.stringify(home, null, 2)}\n`);
  return { ...home, dir };
}

const shownPorts = ({ natsPort, statusPort }: ServerPorts) => ({ natsPort, statusPort });

interface NationMaking {
  readonly witnessPort: number;
  readonly nowMs: number;
}

const serversOf = ({ cluster }: NationPlan): number => (cluster ? 3 : 1);

/** The names of a nation's processes that have health and metrics. */
function servicesOf({ code, members, cluster }: NationPlan): string[] {
  const [ledger, gate] = [`ledger.${code.toLowerCase()}`, `gate.${code.toLowerCase()}`];
  return [
    ledger,
    gate,
    `monitor.${code.toLowerCase()}`,
    ...members.map(({ id }) => id),
    ...(cluster ? [nth(ledger, 1), nth(gate, 1), ...cluster.standby.map((id) => nth(id, 1))] : []),
  ];
}

async function makeNation(dir: string, plan: NetworkPlan, nation: NationPlan, making: NationMaking) {
  const { code } = nation;
  const { witnessPort, nowMs } = making;
  const services = `services.${code.toLowerCase()}`;
  const [gate, gateCross, ledger] = [
    await newUser(dir, services, 'gate.nkey'),
    await newUser(dir, services, 'gate-cross.nkey'),
    await newUser(dir, services, 'ledger.nkey'),
  ];
  await ensureAuditorToken(dir, code);
  const gateKey = await newKey(dir, services, 'gate.key', 'X25519', nowMs);
  const ledgerKey = await newKey(dir, services, 'ledger.key', 'Ed25519', nowMs);
  const origin = `entente.example/${code.toLowerCase()}/${new Date(nowMs).getUTCFullYear()}`;
  const vkey = formatVkey(origin, Buffer.from(String(ledgerKey.jwk.x), 'base64url'));
  const witness = await makeWitness(dir, code, witnessPort, nowMs);
  const members = await Promise.all(nation.members.map((member) => makeMember(dir, member, nowMs)));
  const validity = { validFromMs: nowMs - 60_000, validUntilMs: nowMs + 2 * YEAR_MS };
  const part = {
    nation: code,
    version: 1,
    issuedAtMs: nowMs,
    validUntilMs: nowMs + YEAR_MS,
    counterparts: plan.nations.map((other) => other.code).filter((other) => other !== code),
    gate: { nkey: gate, crossNkey: gateCross, keys: [gateKey.stated] },
    ledgers: [{ nkey: ledger, origin, vkey, ...validity, predecessor: '' }],
    members,
    witnesses: [witness],
    proposedBy: '',
    approvedBy: [],
  };
  const users = {
    members: members.map(({ id, nkey }) => ({ token: memberToken(id), publicKey: nkey })),
    gate,
    gateCross,
    ledger,
  };
  return { part, users, home: { code, origin, vkey }, witness };
}

/** The key of the witness that a nation's monitor is for the logs of the others, and how the directory names it. */
async function makeWitness(
  dir: string,
  code: string,
  port: number,
  nowMs: number,
): Promise<wire.WitnessFrame> {
  const nation = code.toLowerCase();
  const { jwk, stated } = await newKey(dir, `services.${nation}`, 'witness.key', 'Ed25519', nowMs);
  const name = witnessName(code);
  return {
    name,
    vkey: formatWitnessVkey(name, Buffer.from(String(jwk.x), 'base64url')),
    url: `http://127.0.0.1:${port}`,
    validFromMs: stated.validFromMs,
    validUntilMs: stated.validUntilMs,
  };
}

/** C2SP tlog-policy: all logs, and all other nations as witnesses of each; of one nation alone nobody is. */
function policyText(
  nations: readonly { readonly code: string; readonly vkey: string }[],
  witnesses: readonly { readonly nation: string; readonly vkey: string }[],
): string {
  const lines = [
    '# Each log is cosigned by the witnesses of the other nations. Hand it to who audits, or checks evidence.',
    ...nations.map(({ vkey }) => `log ${vkey}`),
    ...witnesses.map(({ nation, vkey }) => `witness ${nation} ${vkey}`),
    ...(witnesses.length > 1
      ? [`group others ${witnesses.length - 1} ${witnesses.map(({ nation }) => nation).join(' ')}`]
      : []),
    `quorum ${witnesses.length > 1 ? 'others' : 'none'}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** What auditors show to read a nation's bundles of entries. A home from before has none. */
export async function ensureAuditorToken(dir: string, code: string): Promise<void> {
  const path = paths.secret(dir, `services.${code.toLowerCase()}`, 'auditor.token');
  if (!existsSync(path)) await writeSecretFile(path, `${randomBytes(32).toString('base64url')}\n`);
}

async function makeMember(
  dir: string,
  { id, name, types, roles }: MemberPlan,
  nowMs: number,
): Promise<wire.MemberFrame> {
  const nkey = await newUser(dir, id, 'nats.nkey');
  const sign = await newKey(dir, id, 'sign.key', 'Ed25519', nowMs);
  const decrypt = await newKey(dir, id, 'decrypt.key', 'X25519', nowMs);
  await writeSecretFile(paths.secret(dir, id, 'pseudonym.key'), `${randomBytes(32).toString('hex')}\n`);
  await writeSecretFile(paths.secret(dir, id, 'http.token'), `${randomBytes(32).toString('base64url')}\n`);
  return {
    id,
    name,
    types,
    roles,
    nkey,
    keys: [sign.stated, decrypt.stated],
    contact: `desk@${id}.example`,
    suspendedAtMs: 0,
  };
}

async function writeList(
  dir: string,
  plan: NetworkPlan,
  agencies: wire.NationListFrame['agencies'],
  nowMs: number,
): Promise<void> {
  const anchors = await Promise.all(
    ['1', '2', '3'].map((n) => newKey(dir, `anchor.${n}`, 'sign.key', 'Ed25519', nowMs)),
  );
  const list = { network: plan.name, version: 1, issuedAtMs: nowMs, validUntilMs: nowMs + YEAR_MS, agencies };
  const signers = await Promise.all(anchors.slice(0, 2).map(({ jwk }) => createSigner(jwk)));
  writeFileSync(join(paths.directory(dir), LIST_FILE), await signList(list, signers));
  const file = { network: plan.name, threshold: 2, keys: anchors.map(({ jwk }) => publicJwk(jwk)) };
  writeFileSync(paths.anchors(dir), `${JSON.stringify(file, null, 2)}\n`);
}

async function newUser(dir: string, owner: string, name: string): Promise<string> {
  const { seed, publicKey } = createUserKey();
  await writeSecretFile(paths.secret(dir, owner, name), `${seed}\n`);
  return publicKey;
}

async function newKey(dir: string, owner: string, name: string, kind: KeyKind, nowMs: number) {
  const jwk = await generateKey(kind);
  await writeKeyFile(paths.secret(dir, owner, name), jwk);
  const stated: wire.PublicKeyFrame = {
    kid: jwk.kid ?? '',
    use: jwk.use ?? '',
    alg: jwk.alg ?? '',
    jwk: JSON.stringify(publicJwk(jwk)),
    validFromMs: nowMs - 60_000,
    validUntilMs: nowMs + 2 * YEAR_MS,
    revokedAtMs: 0,
  };
  return { jwk, stated };
}
