// What two agencies could write in an afternoon: content signed and encrypted by jose, sent over HTTPS, kept in SQLite on disk at both
// ends before anything is answered, a signed receipt back. A program of its own receives; `openSender` sends.
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent, createServer, request } from 'node:https';
import { join } from 'node:path';
import { loadLibrary } from './limits.mjs';

const jose = await loadLibrary('seal', 'jose');
const { default: Database } = await loadLibrary('runtime', 'libsql');

const SIGNED = { algorithms: ['Ed25519'] };
const ENCRYPTED = { keyManagementAlgorithms: ['ECDH-ES'], contentEncryptionAlgorithms: ['A256GCM'] };
const digest = (bytes) => createHash('sha256').update(bytes).digest('hex');

const sign = (content, key) =>
  new jose.CompactSign(Buffer.from(content)).setProtectedHeader({ alg: 'Ed25519' }).sign(key);

function openStore(path) {
  const db = new Database(path);
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
  db.exec('CREATE TABLE message (id TEXT PRIMARY KEY, content TEXT NOT NULL, receipt TEXT)');
  return {
    insert: db.prepare('INSERT INTO message (id, content, receipt) VALUES (?, ?, ?)'),
    receipt: db.prepare('UPDATE message SET receipt = ? WHERE id = ?'),
  };
}

const keyIn = async (dir, name) =>
  await jose.importJWK(
    JSON.parse(readFileSync(join(dir, name), 'utf8')),
    name.includes('sign') ? 'Ed25519' : 'ECDH-ES',
  );

/** @returns sends one referral, and resolves when it is kept at both ends and its receipt holds */
export async function openSender(dir, port) {
  const store = openStore(join(dir, 'sender.sqlite'));
  const [own, recipient, receiptKey] = await Promise.all(
    ['sender-sign.json', 'recipient-decrypt.public.json', 'recipient-sign.public.json'].map((name) =>
      keyIn(dir, name),
    ),
  );
  const agent = new Agent({ keepAlive: true, maxSockets: 32, ca: readFileSync(join(dir, 'tls.crt')) });
  return async (content) => {
    const id = randomUUID();
    store.insert.run([id, content, null]);
    const signed = await sign(JSON.stringify({ id, content }), own);
    const body = await new jose.CompactEncrypt(Buffer.from(signed))
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM' })
      .encrypt(recipient);
    const receipt = await post({ agent, host: 'localhost', port, method: 'POST', path: '/' }, body);
    const { payload } = await jose.compactVerify(receipt, receiptKey, SIGNED);
    if (JSON.parse(Buffer.from(payload)).sha256 !== digest(signed))
      throw new Error('a receipt of something else');
    store.receipt.run([receipt, id]);
  };
}

function post(options, body) {
  return new Promise((resolve, reject) => {
    const asked = request(options, (response) => void text(response).then(resolve, reject));
    asked.on('error', reject);
    asked.end(body);
  });
}

async function text(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

async function serve(dir) {
  const store = openStore(join(dir, 'recipient.sqlite'));
  const [sender, own, signing] = await Promise.all(
    ['sender-sign.public.json', 'recipient-decrypt.json', 'recipient-sign.json'].map((name) =>
      keyIn(dir, name),
    ),
  );
  const tls = { key: readFileSync(join(dir, 'tls.key')), cert: readFileSync(join(dir, 'tls.crt')) };
  const server = createServer(tls, async (asked, answer) => {
    try {
      const { plaintext: signed } = await jose.compactDecrypt(await text(asked), own, ENCRYPTED);
      const { payload } = await jose.compactVerify(signed, sender, SIGNED);
      const { id, content } = JSON.parse(Buffer.from(payload));
      const receipt = await sign(JSON.stringify({ id, sha256: digest(signed), at_ms: Date.now() }), signing);
      store.insert.run([id, content, receipt]);
      answer.end(receipt);
    } catch {
      answer.writeHead(400).end();
    }
  });
  server.listen(0, 'localhost', () => process.send({ port: server.address().port }));
  process.on('message', () => process.send({ cpu: process.cpuUsage() }));
}

if (process.argv[1]?.endsWith('plain-service.mjs')) await serve(process.argv[2]);
