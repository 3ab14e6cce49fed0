// The same referral by what an agency would use without us, in one run: the content of signed and encrypted mail; a plain service over
// HTTPS; and Entente's whole way across a border. What each does not do stands beside what it costs. `npm run bench -- peers`.
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadLibrary } from './limits.mjs';
import { round } from './load.mjs';
import { openMail } from './mail.mjs';
import { measureFlow, UNCOUNTED } from './measure-flow.mjs';
import { openSender } from './plain-service.mjs';

const REFERRALS = Number(process.env.REFERRALS ?? 3000);
const IN_FLIGHT = 64;
const example = new URL('../../examples/02-csam-notice-to-the-host.json', import.meta.url);
const content = JSON.stringify(JSON.parse(readFileSync(example, 'utf8')).submission.content);

/** In the order of the table in docs/performance.md, which says it in sentences. */
const NOT_DONE = {
  mail: 'transport, keeping, receipt, retries, exactly once, routing, law, log, key change, erasure',
  plain:
    'retries, exactly once, routing, law, receipts of those between, log for auditors, key change, erasure',
  entente: 'nothing of these',
};

const PEERS = [
  ['mail content by OpenPGP, both ends', measureMail, NOT_DONE.mail],
  ['HTTPS, JWS and JWE, SQLite, both ends', measurePlain, NOT_DONE.plain],
  ['Entente across a border, all parties', measureEntente, NOT_DONE.entente],
];

export async function measure() {
  const rows = [];
  for (const [what, measureOne, notDone] of PEERS) {
    rows.push({ what, ...(await measureOne()), 'does not do': notDone });
    console.error(JSON.stringify(rows.at(-1)));
  }
  return rows;
}

async function measureMail() {
  const { send, receive } = await openMail();
  const one = async () => {
    if ((await receive(await send(content))) !== content) throw new Error('mail changed its content');
  };
  await many(one, REFERRALS / 2);
  return await timed(() => many(one, REFERRALS));
}

async function measurePlain() {
  const dir = mkdtempSync(join(tmpdir(), 'entente-bench-'));
  const service = fileURLToPath(new URL('./plain-service.mjs', import.meta.url));
  await makeKeys(dir);
  const server = fork(service, [dir]);
  try {
    const [{ port }] = await once(server, 'message');
    const send = await openSender(dir, port);
    const one = () => send(content);
    const cpuOf = async () => {
      server.send('cpu');
      const [{ cpu }] = await once(server, 'message');
      return (cpu.user + cpu.system) / 1000;
    };
    await many(one, REFERRALS / 2);
    const before = await cpuOf();
    const sending = await timed(() => many(one, REFERRALS));
    const receiving = round(((await cpuOf()) - before) / REFERRALS);
    return { ...sending, 'cpu all': round(sending['cpu all'] + receiving) };
  } finally {
    server.kill('SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  }
}

async function makeKeys(dir) {
  const { generateKeyPair, exportJWK } = await loadLibrary('seal', 'jose');
  for (const [name, alg] of [
    ['sender-sign', 'Ed25519'],
    ['recipient-sign', 'Ed25519'],
    ['recipient-decrypt', 'ECDH-ES'],
  ]) {
    const pair = await generateKeyPair(alg, {
      extractable: true,
      ...(alg === 'ECDH-ES' ? { crv: 'X25519' } : {}),
    });
    writeFileSync(join(dir, `${name}.json`), JSON.stringify(await exportJWK(pair.privateKey)));
    writeFileSync(join(dir, `${name}.public.json`), JSON.stringify(await exportJWK(pair.publicKey)));
  }
  const { status, stderr } = spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'],
    ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
    ...['-keyout', join(dir, 'tls.key'), '-out', join(dir, 'tls.crt')],
  ]);
  if (status !== 0) throw new Error(`openssl made no certificate: ${stderr}`);
}

async function measureEntente() {
  const {
    perSecond,
    p50,
    'cpu all': cpu,
    'cpu unit': unit,
  } = await measureFlow((load) => load({ referrals: REFERRALS, uncounted: UNCOUNTED }));
  return { perSecond, p50, 'cpu all': cpu, 'cpu unit': unit };
}

async function many(one, count) {
  let left = count;
  const worker = async () => {
    while (left-- > 0) await one();
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
}

async function timed(work) {
  const [startedMs, before] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(before);
  return {
    perSecond: round((REFERRALS * 1000) / (performance.now() - startedMs)),
    'cpu all': round((user + system) / 1000 / REFERRALS),
    'cpu unit': 'ms a referral',
  };
}
