import { spawn } from 'node:child_process';
import { createPrivateKey, type JsonWebKey } from 'node:crypto';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { CURVES, SIGNATURE_ALGORITHMS } from './algorithms.js';
import { generatePair, generatePrivateJwk } from './generate-pair.js';

test.each([...SIGNATURE_ALGORITHMS, ...CURVES])('a pair of %s says its public half and no more', (kind) => {
  const { publicKey, privateKey } = generatePair(kind);
  const der = { format: 'der', type: 'pkcs8' } as const;
  const read = createPrivateKey({ key: privateKey.export(der), ...der });
  expect(publicKey).toEqual(withoutD(read.export({ format: 'jwk' })));
});

test.each([...SIGNATURE_ALGORITHMS, ...CURVES])('no two private keys of %s are one', (kind) => {
  const keys = Array.from({ length: 50 }, () => generatePrivateJwk(kind));
  for (const member of ['d', 'x'] as const) expect(new Set(keys.map((key) => key[member])).size).toBe(50);
});

// Each collection of garbage may fall on the one moment that matters. A young generation this small is collected often, and code that
// is not optimised makes more garbage: without the invariant of `generate` a process stands still after some 4000 encryptions (Node 20).
const ENCRYPTIONS = 30_000;
const SILENCE_MS = 180_000;
const program = (curve: string) => `
  const seal = await import(${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)});
  const { kid, ...jwk } = seal.publicJwk(await seal.generateKey(${JSON.stringify(curve)}));
  const key = await seal.importPublicKey(JSON.stringify({ ...jwk, kid }), { kid, use: 'enc', alg: 'ECDH-ES' });
  const parties = { from: 'hotline.de', to: 'isp.nl', mid: 'm' };
  let garbage;
  for (let i = 1; i <= ${ENCRYPTIONS}; i++) {
    garbage = new Array(Math.floor(Math.random() * 512)).fill(0);
    await seal.encryptFor(key, Buffer.alloc(40), 'typ', parties);
    if (i % 1000 === 0) process.send(i);
  }
  process.disconnect();
`;

test.concurrent.each(CURVES)(
  'encrypts on %s again and again, whenever garbage is collected',
  async (curve) => {
    expect(await encryptionsOn(curve)).toBe(ENCRYPTIONS);
  },
  1_800_000,
);

/** In a process of its own, which is killed when it has stood still for so long: how far it came. */
async function encryptionsOn(curve: string): Promise<number> {
  const flags = ['--no-opt', '--max-semi-space-size=1', '--input-type=module'];
  const child = spawn(process.execPath, [...flags, '-e', program(curve)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const killIt = () => child.kill('SIGKILL');
  let watch = setTimeout(killIt, SILENCE_MS);
  let encrypted = 0;
  child.on('message', (count) => {
    encrypted = Number(count);
    clearTimeout(watch);
    watch = setTimeout(killIt, SILENCE_MS);
  });
  await once(child, 'exit');
  clearTimeout(watch);
  return encrypted;
}

function withoutD({ d, ...rest }: JsonWebKey): JsonWebKey {
  expect(d).toMatch(/^[\w-]{43}$/);
  return rest;
}
