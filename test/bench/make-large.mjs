// A network on this machine whose directory is larger than what runs of it: more nations, or more members of one.
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createUserKey, nationServerConfig, userPublicKey } from '@entente/bus';
import { buildPack, makeHome, paths } from '@entente/cli';
import { memberToken, wire } from '@entente/contract';
import { packFile, partFile, readUnverified, signPart } from '@entente/members';
import { packsDir } from '@entente/policy';
import { createSigner, generateKey, loadSigner, publicJwk } from '@entente/seal';
import { smallestPlan } from './measure-flow.mjs';

const CODES =
  'DE FR NL AT BE BG CH CY CZ DK EE ES FI GB GR HR HU IE IT LT LU LV MT NO PL PT RO SE SI SK'.split(' ');

const MEMBERS = 10;

/**
 * @param size.nations how many, all counterparts of one another; up to 30
 * @param size.members how many DE has; each other nation has 10
 */
export async function makeLarge(dir, { nations, members }) {
  const plan = smallestPlan();
  const others = CODES.slice(plan.nations.length, nations).map(nationOf);
  const packs = await packsFor(others.map(({ code }) => code));
  try {
    const all = { ...plan, nations: [...plan.nations, ...others] };
    // A home takes the packs that it finds; who is the agency of each is known only after.
    for (const { code } of others) await build(dir, packs, code, await generateKey('Ed25519'));
    const home = await makeHome(dir, all, Date.now());
    for (const { code } of others)
      await build(dir, packs, code, JSON.parse(readFileSync(agencyKey(dir, code), 'utf8')));
    for (const { code, members: own } of all.nations)
      await addMembers(home, code, (code === 'DE' ? members : MEMBERS) - own.length);
    return home;
  } finally {
    rmSync(packs, { recursive: true, force: true });
  }
}

const agencyKey = (dir, code) => paths.secret(dir, `agency.${code.toLowerCase()}`, 'sign.key');

function nationOf(code) {
  const [hotline] = smallestPlan().nations[0].members;
  return { code, members: [{ ...hotline, id: `hotline.${code.toLowerCase()}` }] };
}

/** A nation that we have no rules of gets those of another: a gate reads the packs of all counterparts. */
async function packsFor(codes) {
  const dir = mkdtempSync(join(tmpdir(), 'entente-packs-'));
  cpSync(packsDir, dir, { recursive: true });
  for (const code of codes) {
    const own = join(dir, code.toLowerCase());
    if (!existsSync(own)) cpSync(join(dir, 'nl'), own, { recursive: true });
  }
  return dir;
}

async function build(dir, packs, nation, jwk) {
  const out = join(paths.packs(dir), packFile(nation));
  await buildPack({ nation, packs, out, signer: await createSigner(jwk) });
}

/** Into the directory, and as users of the nation's server: each has a stream and a consumer there, and no edge that runs. */
async function addMembers(home, nation, count) {
  if (count === 0) return;
  const { dir, interconnect } = home;
  const file = join(paths.directory(dir), partFile(nation));
  const part = wire.nationPart.decode(readUnverified(readFileSync(file)));
  const [like] = part.members;
  const added = await Promise.all(
    Array.from({ length: count }, async (_, i) => ({
      ...{ ...like, id: `member-${i}.${nation.toLowerCase()}`, nkey: createUserKey().publicKey },
      keys: await Promise.all(like.keys.map(anotherLike)),
    })),
  );
  const members = [...part.members, ...added];
  const signer = await loadSigner(agencyKey(dir, nation));
  writeFileSync(file, await signPart({ ...part, members, version: part.version + 1 }, signer));
  const [, password] = /nats-leaf:\/\/\w+:([\w-]+)@/.exec(
    readFileSync(paths.natsConfig(dir, nation), 'utf8'),
  );
  const services = `services.${nation.toLowerCase()}`;
  const key = (name) => userPublicKey(readFileSync(paths.secret(dir, services, name), 'utf8').trim());
  const config = nationServerConfig({
    ...{ nation, serverName: `nation-${nation}`, storeDir: join(paths.nation(dir, nation), 'nats') },
    listen: { port: home.nations.find(({ code }) => code === nation).natsPort },
    users: {
      members: members.map(({ id, nkey }) => ({ token: memberToken(id), publicKey: nkey })),
      ...{ gate: key('gate.nkey'), gateCross: key('gate-cross.nkey'), ledger: key('ledger.nkey') },
    },
    interconnect: { addresses: [{ port: interconnect.leafPort }], password },
  });
  writeFileSync(paths.natsConfig(dir, nation), config);
}

async function anotherLike(stated) {
  const jwk = await generateKey(stated.use === 'sig' ? 'Ed25519' : 'X25519');
  return { ...stated, kid: jwk.kid, alg: jwk.alg, jwk: JSON.stringify(publicJwk(jwk)) };
}
