// What this machine gives at most: the cryptography of one referral by jose, verifications alone, and JetStream without anything else.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const SECONDS = 5;
const IN_FLIGHT = 64;
const PORT = 24_222;

/** What is measured on, in words and numbers. */
export function describeMachine(natsServer) {
  const [cpu] = cpus();
  return {
    ...{ processor: cpu?.model ?? '', cores: cpus().length, 'memory, GiB': Math.round(totalmem() / 2 ** 30) },
    ...{ system: `${process.platform} ${release()}`, node: process.version },
    'nats-server': spawnSync(natsServer, ['-v'], { encoding: 'utf8' }).stdout.trim(),
  };
}

/** A row for each of what this machine gives at most. */
export async function measureLimits(natsServer) {
  const { referrals, verifications, cpuMs } = await measureFloor();
  const stored = await measureJetStream(natsServer);
  return [
    {
      what: 'cryptography of a referral',
      perSecond: Math.round(referrals),
      'cpu, ms': Number(cpuMs.toFixed(2)),
    },
    { what: 'verifications alone', perSecond: Math.round(verifications) },
    { what: 'JetStream alone: stored and consumed', perSecond: Math.round(stored) },
  ];
}

/** For each referral: 2 signatures, 6 verifications, 1 encryption, 1 decryption; 64 referrals in flight. */
export async function measureFloor(seconds = SECONDS) {
  const { compactDecrypt, CompactEncrypt, CompactSign, compactVerify, generateKeyPair } = await loadLibrary(
    'seal',
    'jose',
  );
  const signing = await generateKeyPair('Ed25519');
  const encrypting = await generateKeyPair('ECDH-ES', { crv: 'X25519' });
  const header = Buffer.alloc(600, 7);
  const content = Buffer.alloc(2500, 7);
  const sign = () =>
    new CompactSign(header)
      .setProtectedHeader({ alg: 'Ed25519', kid: 'k', typ: 'entente-seal' })
      .sign(signing.privateKey);
  const verify = (seal) => compactVerify(seal, signing.publicKey, { algorithms: ['Ed25519'] });
  const referral = async () => {
    const body = await new CompactEncrypt(content)
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid: 'k', typ: 'entente-body', mid: 'x' })
      .setKeyManagementParameters({ apu: Buffer.from('hotline.de'), apv: Buffer.from('isp.fr') })
      .encrypt(encrypting.publicKey);
    const seals = [await sign(), await sign()];
    for (let i = 0; i < 6; i++) await verify(seals[i % 2]);
    await compactDecrypt(body, encrypting.privateKey, {
      keyManagementAlgorithms: ['ECDH-ES'],
      contentEncryptionAlgorithms: ['A256GCM'],
    });
  };
  const seal = await sign();
  const before = process.cpuUsage();
  const startedMs = performance.now();
  const referrals = await rateOf(referral, seconds);
  const { user, system } = process.cpuUsage(before);
  const done = (referrals * (performance.now() - startedMs)) / 1000;
  const verifications = await rateOf(() => verify(seal), seconds);
  // Processor time does not depend on what else the machine does meanwhile, as the rate does.
  return { referrals, cpuMs: (user + system) / 1000 / done, verifications };
}

/** One message published, acknowledged by a stream in a file, fetched and acknowledged: 64 in flight, 3 KB each. */
export async function measureJetStream(natsServer) {
  const dir = mkdtempSync(join(tmpdir(), 'entente-bench-'));
  const server = spawn(natsServer, ['-js', '-sd', dir, '-a', '127.0.0.1', '-p', String(PORT)], {
    stdio: 'ignore',
  });
  const { connect, AckPolicy, StorageType, RetentionPolicy } = await loadLibrary('bus', 'nats');
  try {
    const nats = await connect({ servers: `127.0.0.1:${PORT}`, waitOnFirstConnect: true });
    const manager = await nats.jetstreamManager();
    await manager.streams.add({
      ...{ name: 'B', subjects: ['b'], storage: StorageType.File, retention: RetentionPolicy.Workqueue },
    });
    await manager.consumers.add('B', { durable_name: 'b', ack_policy: AckPolicy.Explicit });
    const stream = nats.jetstream();
    const consumer = await stream.consumers.get('B', 'b');
    let consumed = 0;
    const messages = await consumer.consume({
      max_messages: 256,
      callback: (message) => {
        message.ack();
        consumed += 1;
      },
    });
    const data = Buffer.alloc(3000, 7);
    const rate = await rateOf(() => stream.publish('b', data));
    while (consumed === 0) await delay(10);
    messages.stop();
    await nats.close();
    return rate;
  } finally {
    server.kill('SIGKILL');
    await delay(100);
    rmSync(dir, { recursive: true, force: true });
  }
}

/** A library has one home; here it is only measured. */
export async function loadLibrary(home, name) {
  const require = createRequire(new URL(`../../packages/${home}/package.json`, import.meta.url));
  return await import(pathToFileURL(require.resolve(name)).href);
}

async function rateOf(one, seconds = SECONDS) {
  await Promise.all(Array.from({ length: IN_FLIGHT }, one));
  const startedMs = performance.now();
  let done = 0;
  const worker = async () => {
    while (performance.now() - startedMs < seconds * 1000) {
      await one();
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  return done / ((performance.now() - startedMs) / 1000);
}
