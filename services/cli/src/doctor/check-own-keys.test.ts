import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { wire } from '@entente/contract';
import type { Directory } from '@entente/members';
import { generateKey, type KeyKind } from '@entente/seal';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkOwnKeys } from './check-own-keys.js';

const DAY_MS = 86_400_000;
const NOW = Date.parse('2026-11-28T00:00:00Z');

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'entente-keys-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

interface Made {
  readonly path: string;
  readonly what: string;
  readonly stated: wire.PublicKeyFrame;
}

async function key(name: string, kind: KeyKind, change: Partial<wire.PublicKeyFrame> = {}): Promise<Made> {
  const jwk = await generateKey(kind);
  const path = join(dir, name);
  writeFileSync(path, JSON.stringify(jwk), { mode: 0o600 });
  const { kid = '', use = '', alg = '' } = jwk;
  const valid = { validFromMs: NOW - 300 * DAY_MS, validUntilMs: NOW + 300 * DAY_MS, revokedAtMs: 0 };
  return { path, what: `key ${kid.slice(0, 8)}…`, stated: { kid, use, alg, jwk: '', ...valid, ...change } };
}

async function found(
  { sign, decrypt = [] }: { readonly sign?: Made; readonly decrypt?: readonly Made[] },
  stated: readonly Made[],
  suspendedAtMs = 0,
): Promise<unknown[][]> {
  const keys = stated.map((one) => one.stated);
  const member = { id: 'isp.fr', name: '', types: [], roles: [], nkey: '', keys, contact: '', suspendedAtMs };
  const nations = new Map([['FR', { part: { members: [member] } }]]);
  const findings: unknown[][] = [];
  await checkOwnKeys(
    {
      MEMBER: 'isp.fr',
      SIGN_KEY_FILE: sign?.path ?? '',
      DECRYPT_KEY_FILE: decrypt.map(({ path }) => path).join(':'),
    },
    { nations } as unknown as Directory,
    NOW,
    (...finding) => findings.push(finding),
  );
  return findings;
}

it('finds nothing wrong while keys to decrypt change as is told', async () => {
  const old = await key('old', 'P-256');
  const next = await key('next', 'P-256', { validFromMs: NOW - DAY_MS });
  expect(await found({ decrypt: [next, old] }, [old])).toEqual([
    [next.what, 'warning', expect.stringContaining('not in the directory')],
    [old.what, 'ok', ''],
  ]);
  expect(await found({ decrypt: [next, old] }, [next, old])).toEqual([
    [next.what, 'ok', ''],
    [old.what, 'ok', ''],
  ]);
  const ended = { ...old, stated: { ...old.stated, validUntilMs: NOW - DAY_MS } };
  expect(await found({ decrypt: [next, old] }, [next, ended])).toEqual([
    [next.what, 'ok', ''],
    [old.what, 'ok', 'valid until 2026-11-27: its file may go on 2026-12-28'],
  ]);
  const revoked = { ...old, stated: { ...old.stated, revokedAtMs: NOW } };
  expect(await found({ decrypt: [next, old] }, [next, revoked])).toEqual([
    [next.what, 'ok', ''],
    [old.what, 'ok', 'it is revoked: its file may go on 2026-12-29'],
  ]);
});

it('names a key that others encrypt for and that is not here', async () => {
  const old = await key('old', 'P-256');
  const next = await key('next', 'P-256', { validFromMs: NOW - DAY_MS });
  expect(await found({ decrypt: [old] }, [old, next])).toEqual([
    [old.what, 'ok', ''],
    [next.what, 'bad', expect.stringContaining('nothing of that can be opened')],
  ]);
});

it('has no key that opens anything', async () => {
  const ended = await key('ended', 'P-256', { validUntilMs: NOW });
  const strange = await key('strange', 'P-256');
  expect(await found({ decrypt: [ended, strange] }, [ended])).toEqual([
    [ended.what, 'bad', 'valid until 2026-11-28'],
    [strange.what, 'bad', expect.stringContaining('not in the directory')],
  ]);
});

it.each([
  ['ended', { validUntilMs: NOW }, 'bad', 'valid until 2026-11-28'],
  ['ends soon', { validUntilMs: NOW + DAY_MS }, 'warning', 'valid until 2026-11-29'],
  ['revoked', { revokedAtMs: NOW }, 'bad', 'it is revoked'],
  ['not valid yet', { validFromMs: NOW + 1 }, 'bad', 'valid from 2026-11-28T00:00:00.001Z on only'],
  ['valid', {}, 'ok', ''],
] as const)('says of a key to sign that is %s', async (_, change, state, words) => {
  const sign = await key('sign', 'Ed25519', change);
  expect(await found({ sign }, [sign])).toEqual([[sign.what, state, words]]);
});

it('asks for no nation of a monitor that is nobody’s', async () => {
  const findings: unknown[] = [];
  await checkOwnKeys({}, { nations: new Map() } as unknown as Directory, NOW, (...finding) =>
    findings.push(finding),
  );
  expect(findings).toEqual([]);
});

it('says that the member is suspended', async () => {
  const sign = await key('sign', 'Ed25519');
  expect(await found({ sign }, [sign], NOW)).toEqual([
    ['own member', 'bad', 'isp.fr is suspended since 2026-11-28'],
    [sign.what, 'ok', ''],
  ]);
});
