// One gate with its ledger and its NATS server, on the same cores, and nobody else: envelopes that were sealed before are handed in
// as an edge hands them in, until all are logged and delivered to streams that nobody reads.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { inboxPrefix, openBus } from '@entente/bus';
import { examplePlan, makeHome, openDirectory, paths, startNetwork } from '@entente/cli';
import { computeFacts, memberToken, newId, packBatch, subjects, wire } from '@entente/contract';
import { loadSigner, sealReferral } from '@entente/seal';
import { counted } from './load.mjs';

const MESSAGES = Number(process.env.MESSAGES ?? 12_000);
const BATCH = 32;
/** What is logged is seen a tenth of a second later: so much more than the gate has at once. */
const BATCHES_ON_THE_WAY = 32;
const [FROM, TO] = ['hotline.de', 'isp.de'];

/** @returns messages a second, and processor time of each process in milliseconds a message */
export async function measureGate() {
  const dir = mkdtempSync(join(tmpdir(), 'entente-bench-'));
  const plan = examplePlan();
  const nations = plan.nations
    .filter(({ code }) => code === 'DE')
    .map((nation) => ({ ...nation, members: nation.members.filter(({ id }) => [FROM, TO].includes(id)) }));
  const home = await makeHome(dir, { ...plan, nations }, Date.now());
  const silent = home.nations.map((nation) => ({ ...nation, members: [] }));
  const network = await startNetwork({ ...home, nations: silent });
  try {
    // Who looks on takes as much as a third of what is measured.
    await network.kill('monitor.de');
    const bus = await openBus({
      servers: `nats://127.0.0.1:${home.nations[0].natsPort}`,
      name: 'bench',
      seed: readFileSync(paths.secret(home.dir, FROM, 'nats.nkey'), 'utf8').trim(),
      inboxPrefix: inboxPrefix(memberToken(FROM)),
    });
    const envelopes = await sealMany(home, bus);
    const handIn = async (from, to) => {
      for (let at = from; at < to; at += BATCH) {
        const batch = packBatch(envelopes.slice(at, Math.min(to, at + BATCH)));
        await bus.publish(subjects.out(FROM), batch, { timeoutMs: 10_000 });
        while (at - (await logged(home)) > BATCH * BATCHES_ON_THE_WAY) await delay(5);
      }
      await untilCounted(home, to);
    };
    // Until the code is compiled.
    const warm = Math.floor(MESSAGES / 4);
    await handIn(0, warm);
    const before = await Promise.all(['gate.de', 'ledger.de'].map((name) => counted(home, name)));
    const startedMs = performance.now();
    await handIn(warm, MESSAGES);
    const seconds = (performance.now() - startedMs) / 1000;
    const after = await Promise.all(['gate.de', 'ledger.de'].map((name) => counted(home, name)));
    await bus.close();
    const cpu = (i) => Math.round(((after[i].cpu - before[i].cpu) / (MESSAGES - warm)) * 1e5) / 100;
    return {
      perSecond: Math.round((MESSAGES - warm) / seconds),
      'cpu gate.de': cpu(0),
      'cpu ledger.de': cpu(1),
    };
  } finally {
    await network.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** @throws if the gate does not let so many pass */
async function untilCounted(home, count) {
  for (let tries = 0; tries < 1000; tries++) {
    if ((await counted(home, 'gate.de')).permitted >= count) return;
    await delay(20);
  }
  throw new Error('the gate let not all of them pass: this is no measure of its work');
}

/** Entries about messages: what was adopted comes first. */
async function logged(home) {
  const note = readFileSync(join(paths.log(home.dir, 'DE'), 'checkpoint'), 'utf8');
  return Number(note.split('\n')[1]) - 2;
}

async function sealMany(home, bus) {
  const example = new URL('../../examples/02-csam-notice-to-the-host.json', import.meta.url);
  const { submission } = JSON.parse(readFileSync(example, 'utf8'));
  const signer = await loadSigner(paths.secret(home.dir, FROM, 'sign.key'));
  const directory = await openDirectory(home);
  const recipient = directory.encryptionKey(TO, Date.now());
  const said = await withClocks(bus, submission);
  const content = Buffer.from(JSON.stringify(said));
  const facts = computeFacts(said);
  const envelopes = [];
  for (let i = 0; i < MESSAGES; i++) {
    const nowMs = Date.now();
    const draft = {
      ...{ profile: wire.Profile.PROFILE_TEST, id: newId(), caseId: newId(), inReplyTo: '', actor: '' },
      ...{ from: FROM, fromRole: submission.from_role, to: TO, toRole: submission.to_role },
      ...{ issuedAtMs: nowMs, expiresAtMs: nowMs + 3_600_000 },
    };
    envelopes.push((await sealReferral(draft, content, facts, { signer, recipient })).envelope);
  }
  return envelopes;
}

/** As an edge does: the clocks that the gate's table sets are written in. */
async function withClocks(bus, { from_role: fromRole, to_role: toRole, content }) {
  const question = { from: FROM, fromRole, to: TO, toRole, facts: computeFacts(content) };
  const reply = await bus.request(subjects.preflight(FROM), wire.preflightRequest.encode(question), {
    timeoutMs: 5000,
  });
  const [{ clocks }] = wire.preflightReply.decode(reply).verdicts;
  const stated = clocks.map(({ extendedBy, basis: _, ...clock }) => ({
    ...clock,
    ...(extendedBy === '' ? {} : { extended_by: extendedBy }),
  }));
  return stated.length === 0 ? content : { ...content, clocks: stated };
}
