import { join } from 'node:path';
import { formatVkey, parseVkey, verifyEntry, verifyLog } from '@entente/audit';
import type { Bus } from '@entente/bus';
import { subjects, wire } from '@entente/contract';
import { createMetrics, type Logger, NO_TRACING } from '@entente/runtime';
import { createSigner, generateKey, loadSigner } from '@entente/seal';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { askOthers } from './ask-others.js';
import { ask, startNation } from './fixture/nats-nation.js';
import { adoptions, anyClock, NOW, ORIGIN, record, request, tempDir } from './fixture/test-log.js';
import { createLedger } from './ledger.js';
import { createMeter } from './meter.js';

const signer = await createSigner(await generateKey('Ed25519'));
const logger = { info: () => undefined } as unknown as Logger;

let nation: Awaited<ReturnType<typeof startNation>>;
let gate: Bus;
let temp: ReturnType<typeof tempDir>;
let ledger: ReturnType<typeof createLedger> | undefined;
beforeAll(async () => {
  nation = await startNation();
  gate = await nation.open('gate');
});
afterAll(() => nation?.stop());
beforeEach(() => {
  temp = tempDir();
});
afterEach(async () => {
  await ledger?.stop();
  ledger = undefined;
  temp.remove();
});

const start = async (signedBy = signer) => {
  ledger = createLedger({
    nation: 'DE',
    origin: ORIGIN,
    dataDir: temp.dir,
    retentionDays: 60,
    logRetentionDays: 60,
    auditors: [],
    loadKey: loadSigner,
    signer: signedBy,
    bus: await nation.open('ledger'),
    logger,
    meter: createMeter(createMetrics()),
    tracing: NO_TRACING,
    others: askOthers([], () => NOW),
    now: () => NOW,
    clock: anyClock(() => NOW),
  });
  await ledger.start();
};
const append = async (bytes: Uint8Array) =>
  wire.appendReply.decode(await ask(gate, subjects.append, request(bytes)));

test('answers a gate over NATS with entries that prove themselves, and leaves a log that verifies', async () => {
  await start();
  const vkey = formatVkey(ORIGIN, Buffer.from(String(signer.publicJwk.x), 'base64url'));
  for (const adoption of adoptions) await append(adoption);
  const replies = await Promise.all(Array.from({ length: 300 }, (_, at) => append(record(`m${at}`))));
  const indexes = replies.map(
    ({ entry }) => verifyEntry(entry as wire.EntryFrame, () => ({ origin: ORIGIN, vkey })).index,
  );
  expect(new Set(indexes).size).toBe(300);
  // Batch follows batch here: when it has stopped, its files are not behind them.
  for (let at = 300; at < 400; at++) await append(record(`m${at}`));
  await ledger?.stop();
  const report = await verifyLog(join(temp.dir, 'log'), { key: parseVkey(vkey), origin: ORIGIN });
  // The first entry says for how long records are kept.
  expect(report).toMatchObject({ size: 403, faults: [] });
});

test('answers garbage with a refusal, and works on', async () => {
  await start();
  const reply = wire.appendReply.decode(await ask(gate, subjects.append, Buffer.from('garbage')));
  expect([reply.entry, reply.refusal]).toEqual([null, 'record-malformed']);
  expect((await append(adoptions[0] as Uint8Array)).entry).not.toBeNull();
});

test('answers what it has taken before it stops, and gives the same entries after a restart', async () => {
  await start();
  for (const adoption of adoptions) await append(adoption);
  const before = await Promise.all(Array.from({ length: 40 }, (_, at) => append(record(`m${at}`))));
  await ledger?.stop();
  await start();
  const after = await Promise.all(Array.from({ length: 40 }, (_, at) => append(record(`m${at}`))));
  expect(after.map(({ entry }) => entry?.leaf)).toEqual(before.map(({ entry }) => entry?.leaf));
});

test('does not go on with a log under another key', async () => {
  await start();
  await append(adoptions[0] as Uint8Array);
  await ledger?.stop();
  await expect(start(await createSigner(await generateKey('Ed25519')))).rejects.toThrow(/KEY_FILE/);
});

test('does not start with a key that cannot sign checkpoints', async () => {
  await expect(start(await createSigner(await generateKey('ES256')))).rejects.toThrow(/Ed25519/);
});
