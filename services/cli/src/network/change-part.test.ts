import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wire } from '@entente/contract';
import { readUnverified, signPart } from '@entente/members';
import { generateKey, loadSigner, writeKeyFile } from '@entente/seal';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { captureSaid } from '../fixture/capture-said.js';
import { runProgram } from '../program.js';

let dir: string;
const said = captureSaid();
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'entente-part-'));
  for (const name of ['agency.key', 'thief.key'])
    await writeKeyFile(join(dir, name), await generateKey('Ed25519'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const file = () => join(dir, 'de.part');
const PART = { nation: 'DE', version: 3, counterparts: ['FR', 'NL'], members: [{ id: 'hotline.de' }] };
async function put(part: object, key = 'agency.key'): Promise<Buffer> {
  const frame = wire.nationPart.decode(wire.nationPart.encode(part));
  writeFileSync(file(), await signPart(frame, await loadSigner(join(dir, key))));
  return readFileSync(file());
}
const peer = async (verb: string, ...more: string[]) =>
  await runProgram([
    ...['peer', verb, 'FR', '--nation', 'DE', '--part', file()],
    ...['--key', join(dir, 'agency.key'), ...more],
  ]);
const partNow = () => wire.nationPart.decode(readUnverified(readFileSync(file())));

test('changes nothing but who is exchanged with, and says that no gate has confirmed it', async () => {
  await put(PART);
  expect(await peer('suspend')).toBe(0);
  expect(partNow()).toMatchObject({ ...PART, version: 4, counterparts: ['NL'] });
  expect(said.out).toContain('NOT CONFIRMED');
  expect(said.out).toContain('/counterparts');
  expect(readdirSync(dir).filter((name) => name.startsWith('de.part'))).toEqual(['de.part']);
});

test('signs nothing that its agency has not signed before', async () => {
  const thiefs = { ...PART, members: [...PART.members, { id: 'thief.de' }] };
  const bySomebodyElse = await put(thiefs, 'thief.key');
  expect(await peer('suspend')).toBe(2);
  expect(said.err).toContain('is not signed by this key');
  expect(readFileSync(file())).toEqual(bySomebodyElse);
  // The agency's own seal beside other content.
  const [seal = new Uint8Array()] = wire.signedPart.decode(await put(PART)).seals;
  const [head, , signature] = Buffer.from(seal).toString('latin1').split('.');
  const payload = Buffer.from(wire.nationPart.encode(thiefs)).toString('base64url');
  writeFileSync(file(), wire.signedPart.encode({ seals: [Buffer.from(`${head}.${payload}.${signature}`)] }));
  const before = readFileSync(file());
  for (const verb of ['suspend', 'resume']) expect(await peer(verb)).toBe(2);
  expect(readFileSync(file())).toEqual(before);
});

test("does not sign another nation's part", async () => {
  const before = await put({ ...PART, nation: 'NL' });
  expect(await peer('suspend')).toBe(2);
  expect(readFileSync(file())).toEqual(before);
});

test('is not said to have happened where a gate does not answer, or is none', async () => {
  await put(PART);
  expect(await peer('suspend', '--gate', 'http://127.0.0.1:9')).toBe(1);
  expect(said.out).toContain('No answer at the gate http://127.0.0.1:9');
  expect(said.out).toContain('NOT CONFIRMED');
  await put(PART);
  expect(await peer('suspend', '--gate', 'file:///etc/passwd')).toBe(2);
  expect(partNow().version).toBe(3);
});
