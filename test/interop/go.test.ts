import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  appendLeaves,
  folderFiles,
  formatProof,
  formatVkey,
  inclusionProof,
  leafHash,
  parseVkey,
  proveEntry,
  publishCheckpoint,
  type ReadNode,
  signCheckpoint,
  verifyLog,
  verifyProof,
  writeTiles,
} from '@entente/audit';
import { runProgram } from '@entente/cli';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendReferral } from '../kit/case-work.js';
import { phishingNotice } from '../kit/examples.js';
import { copyForHarm } from '../kit/harm.js';
import { startTestNetwork } from '../kit/network.js';
import { capturePrinted } from '../kit/printed.js';

const ORIGIN = 'log.example/de/2026';
/** Where Debian puts the sources of golang.org/x/mod (package golang-golang-x-mod-dev). */
const GOPATH = '/usr/share/gocode';
const isThere =
  spawnSync('go', ['version']).status === 0 && existsSync(join(GOPATH, 'src/golang.org/x/mod/sumdb/tlog'));

capturePrinted();
const scratch = mkdtempSync(join(tmpdir(), 'entente-interop-'));
const program = join(scratch, 'checker');
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const vkey = formatVkey(ORIGIN, Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'));
const signer = { key: parseVkey(vkey), sign: (bytes: Uint8Array) => sign(null, bytes, privateKey) };

/** A log in a folder of its own, as a ledger writes it. */
async function logOf(size: number) {
  const dir = mkdtempSync(join(scratch, 'log-'));
  const entries = Array.from({ length: size }, (_, i) => Buffer.from(`entry ${i} `.repeat(1 + (i % 3))));
  const stored = new Map<string, Uint8Array>();
  const readNode: ReadNode = (level, index) => stored.get(`${level}/${index}`);
  const { root, nodes } = appendLeaves(0, entries.map(leafHash), readNode);
  for (const { level, index, hash } of nodes) stored.set(`${level}/${index}`, hash);
  writeTiles(dir, 0, size, readNode, (index) => entries[index]);
  const checkpoint = await signCheckpoint({ origin: ORIGIN, size, root }, [signer]);
  publishCheckpoint(dir, checkpoint);
  const proofOf = (index: number) =>
    formatProof({ index, hashes: inclusionProof(index, size, readNode), checkpoint });
  return { dir, entries, proofOf };
}

function checker(...args: string[]): { readonly status: number | null; readonly said: string } {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8' });
  return { status, said: stdout.trim() };
}

function checkProof(proof: string, leaf: Uint8Array, key = vkey) {
  const dir = mkdtempSync(join(scratch, 'proof-'));
  writeFileSync(join(dir, 'proof'), proof);
  writeFileSync(join(dir, 'leaf'), leaf);
  return checker('proof', join(dir, 'proof'), join(dir, 'leaf'), key);
}

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

describe.skipIf(!isThere)(
  "Go's own sumdb packages (skipped where Debian's golang packages are missing)",
  () => {
    beforeAll(() => {
      const source = fileURLToPath(new URL('./checker/main.go', import.meta.url));
      mkdirSync(join(scratch, 'cache'));
      const env = { ...process.env, GO111MODULE: 'off', GOPATH, GOCACHE: join(scratch, 'cache') };
      execFileSync('go', ['build', '-o', program, source], { env });
    }, 120_000);

    it.each([1, 2, 3, 255, 256, 257, 700, 70_000])(
      'verify a log of %i entries that we wrote',
      async (size) => {
        const { dir } = await logOf(size);
        expect(checker('log', dir, vkey)).toMatchObject({
          status: 0,
          said: expect.stringContaining(`verified ${size} `),
        });
      },
    );

    it('verify the logs that ledgers at work have written, with what witnesses have put under them', async () => {
      const net = await startTestNetwork();
      try {
        await sendReferral(net, 'hotline.de', phishingNotice('isp.fr'));
        for (const nation of ['DE', 'FR']) {
          const { dir, vkey: key } = copyForHarm(net.home, nation, scratch);
          expect(checker('log', join(dir, 'log'), key)).toMatchObject({
            status: 0,
            said: expect.stringMatching(/^verified [1-9]\d* /),
          });
        }
      } finally {
        await net.stop();
      }
    });

    it('verify each proof that we gave', async () => {
      const { entries, proofOf } = await logOf(300);
      for (const index of [0, 1, 127, 128, 255, 256, 299])
        expect(checkProof(proofOf(index), entries[index] ?? Buffer.alloc(0))).toEqual({
          status: 0,
          said: `proved ${index}`,
        });
    });

    it('refuse what we refuse', async () => {
      const { dir, entries, proofOf } = await logOf(300);
      const other = formatVkey(ORIGIN, Buffer.alloc(32, 9));
      expect(checker('log', dir, other).status).toBe(1);
      expect(checkProof(proofOf(7), entries[8] ?? Buffer.alloc(0)).status).toBe(1);
      expect(checkProof(proofOf(7).replace('index 7', 'index 6'), entries[7] ?? Buffer.alloc(0)).status).toBe(
        1,
      );
      flip(join(dir, 'tile/entries/000'), 40);
      expect(checker('log', dir, vkey).status).toBe(1);
      flip(join(dir, 'tile/entries/000'), 40);
      flip(join(dir, 'tile/0/001.p/44'), 40);
      expect(checker('log', dir, vkey).status).toBe(1);
    });

    it.each([1, 255, 256, 257, 1000, 66_000])(
      'write a log of %i entries that we verify, and none that differs',
      async (size) => {
        const dir = mkdtempSync(join(scratch, 'theirs-'));
        const theirs = execFileSync(program, ['write', 'go.example/log', String(size), dir], {
          encoding: 'utf8',
        });
        const options = { key: parseVkey(theirs.trim()), origin: 'go.example/log' };
        const entries: string[] = [];
        const onEntry = (_index: number, entry: Uint8Array) =>
          void entries.push(Buffer.from(entry).toString());
        expect(await verifyLog(dir, { ...options, onEntry })).toMatchObject({ size, faults: [] });
        expect([entries.length, entries[0], entries.at(-1)]).toEqual([size, 'go 0', `go ${size - 1}`]);
        expect(await runProgram(['log', 'verify', dir, '--vkey', theirs.trim()])).toBe(0);
        flip(join(dir, `tile/entries/000${size < 256 ? `.p/${size}` : ''}`), 3);
        expect((await verifyLog(dir, options)).faults.map(({ code }) => code)).toEqual(['entry-mismatch']);
        expect(await runProgram(['log', 'verify', dir, '--vkey', theirs.trim()])).toBe(1);
      },
    );

    it("verify the proof that an auditor makes of a log's files, with what goes along", async () => {
      const { dir, entries } = await logOf(300);
      const leaf = entries[170] ?? Buffer.alloc(0);
      const { read } = folderFiles(dir);
      const reader = async (path: string, most: number) => {
        const bytes = await read(path, most);
        return typeof bytes === 'string' ? undefined : bytes;
      };
      const log = { key: signer.key, origin: ORIGIN };
      const { proof } = await proveEntry(reader, log, 170, leaf, Buffer.from('what goes along'));
      expect(checkProof(proof, leaf)).toEqual({ status: 0, said: 'proved 170' });
    });

    it('give proofs that we verify, and refuse for another entry', () => {
      const output = execFileSync(program, ['make', 'go.example/log', '21'], { encoding: 'utf8' });
      const [theirs = '', ...proofs] = output.trim().split('\n');
      const key = parseVkey(theirs);
      expect(proofs).toHaveLength(21);
      for (const [index, text] of proofs.entries()) {
        const proof = Buffer.from(text, 'base64');
        expect(verifyProof(proof, Buffer.from(`go ${index}`), key, 'go.example/log').index).toBe(index);
        expect(() => verifyProof(proof, Buffer.from(`go ${index + 1}`), key, 'go.example/log')).toThrow();
      }
    });
  },
);
