import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeOf } from './fixture/code-of.js';
import { generateKey } from './generate-key.js';
import { readKeyFile, readSecretFile, writeKeyFile, writeSecretFile } from './key-file.js';
import { loadDecrypter, loadSigner } from './load-keys.js';

let folder: string;
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'entente-keys-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const newPath = () => join(folder, `key-${++count}.json`);
async function fileWith(text: string, mode = 0o600): Promise<string> {
  const path = newPath();
  await writeFile(path, text);
  await chmod(path, mode);
  return path;
}

describe('a key file', () => {
  test('is written for its owner alone, in a folder for its owner alone, and read back', async () => {
    const path = join(folder, 'new', 'deep', 'key.json');
    const jwk = await generateKey('Ed25519');
    await writeKeyFile(path, jwk);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'new', 'deep'))).mode & 0o777).toBe(0o700);
    expect(await readKeyFile(path)).toEqual(jwk);
  });

  test('never replaces another one', async () => {
    const path = newPath();
    await writeSecretFile(path, 'first');
    expect(await codeOf(() => writeSecretFile(path, 'second'))).toBe('key-file-exists');
    expect(await codeOf(async () => writeKeyFile(path, await generateKey('Ed25519')))).toBe(
      'key-file-exists',
    );
    expect(await readFile(path, 'utf8')).toBe('first');
  });

  test('that cannot be written to its end leaves no part of the secret, and is not in the way of the next one', async () => {
    const path = newPath();
    const full = new Error('no space left on device');
    async function* breakingOff() {
      yield 'half of ';
      throw full;
    }
    await expect(writeSecretFile(path, breakingOff() as never)).rejects.toBe(full);
    expect(await readdir(folder)).not.toContain(basename(path));
    await writeSecretFile(path, 'whole');
    expect(await readFile(path, 'utf8')).toBe('whole');
  });

  test('is not written through a link that leads to nothing yet', async () => {
    const [path, target] = [newPath(), newPath()];
    await symlink(target, path);
    expect(await codeOf(() => writeSecretFile(path, 'secret'))).toBe('key-file-exists');
    expect(await readdir(folder)).not.toContain(basename(target));
  });

  test.each([0o644, 0o640, 0o660, 0o604, 0o601, 0o610, 0o602, 0o777])(
    'is not read when its mode is %o',
    async (mode) => {
      const path = await fileWith(JSON.stringify(await generateKey('Ed25519')), mode);
      expect(await codeOf(() => readKeyFile(path))).toBe('key-file-exposed');
      expect(await codeOf(() => loadSigner(path))).toBe('key-file-exposed');
    },
  );

  test.each([0o600, 0o400, 0o700])('is read when its mode is %o', async (mode) => {
    expect(await readSecretFile(await fileWith('secret', mode))).toBe('secret');
  });

  test('is not read through a link, whatever it leads to', async () => {
    const link = newPath();
    await symlink(await fileWith('secret'), link);
    expect(await codeOf(() => readSecretFile(link))).toBe('key-file-unreadable');
    const dead = newPath();
    await symlink(join(folder, 'nowhere'), dead);
    expect(await codeOf(() => readSecretFile(dead))).toBe('key-file-unreadable');
  });

  test('is not a folder, not a device, and not missing', async () => {
    const path = newPath();
    await mkdir(path, { mode: 0o700 });
    expect(await codeOf(() => readSecretFile(path))).toBe('key-file-unreadable');
    expect(await codeOf(() => readSecretFile('/dev/null'))).toBe('key-file-unreadable');
    expect(await codeOf(() => readSecretFile(join(folder, 'nowhere')))).toBe('key-file-unreadable');
  });

  test('is not a pipe, on which a service would wait for ever', async () => {
    const path = newPath();
    execFileSync('mkfifo', ['-m', '600', path]);
    expect(await codeOf(() => readSecretFile(path))).toBe('key-file-unreadable');
  });

  test.each([
    ['nothing', ''],
    ['no JSON', 'not JSON'],
    ['null', 'null'],
    ['a number', '7'],
    ['text', '"d"'],
    ['a list', '[]'],
    ['an empty object', '{}'],
    ['a key without a kid', '{"kty":"OKP","crv":"Ed25519","d":"AA"}'],
    ['a kid that is a number', '{"kid":1,"d":"AA"}'],
    ['a public key', '{"kid":"k","kty":"OKP","crv":"Ed25519","x":"AA"}'],
    ['a PEM file', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'],
  ])('that holds %s is malformed', async (_, text) => {
    const path = await fileWith(text);
    expect(await codeOf(() => readKeyFile(path))).toBe('key-file-malformed');
    expect(await codeOf(() => loadSigner(path))).toBe('key-file-malformed');
    expect(await codeOf(() => loadDecrypter(path))).toBe('key-file-malformed');
  });

  test('that is cut is refused without a word of what is in it', async () => {
    for (const text of ['geheim', '{"d":"geheim', '{"d":geheim}', 'geheim{"d"}']) {
      const path = await fileWith(text);
      const error: unknown = await readKeyFile(path).catch((cause: unknown) => cause);
      expect(error).toMatchObject({ code: 'key-file-malformed' });
      expect(inspect(error, { depth: 10 })).not.toContain('geheim');
    }
  });
});
