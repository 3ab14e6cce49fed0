import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createUserKey } from '@entente/bus';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { runProgram } from '../program.js';

const dir = mkdtempSync(join(tmpdir(), 'entente-server-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const at = (name: string) => join(dir, name);
const password = randomBytes(32).toString('base64url');
writeFileSync(at('leaf.password'), `${password}\n`);
const key = () => createUserKey().publicKey;

async function make(kind: string, settings: object) {
  const name = `${kind}-${randomBytes(4).toString('hex')}`;
  writeFileSync(at(`${name}.json`), JSON.stringify(settings));
  const code = await runProgram(['server', kind, at(`${name}.json`), '--out', at(`${name}.conf`)]);
  return { code, file: at(`${name}.conf`) };
}

const nation = {
  ...{ nation: 'DE', serverName: 'nation-DE', storeDir: '/var/lib/nats', listen: { port: 4222 } },
  users: {
    ...{ gate: key(), gateCross: key(), ledger: key() },
    members: [{ token: 'hotline_de', publicKey: key() }],
  },
  interconnect: { addresses: [{ port: 7422 }], passwordFile: at('leaf.password') },
};

describe('entente server', () => {
  it("makes a nation's configuration with the password of a file, for its owner only", async () => {
    const { code, file } = await make('nation', nation);
    expect([code, statSync(file).mode & 0o777]).toEqual([0, 0o600]);
    const config = JSON.parse(readFileSync(file, 'utf8'));
    expect(config.leafnodes.remotes[0].urls).toEqual([`nats-leaf://DE:${password}@127.0.0.1:7422`]);
    expect(config.accounts.NATION.users).toHaveLength(2);
  });

  it('makes that of the interconnect, where the nations join', async () => {
    const { code, file } = await make('interconnect', {
      ...{ serverName: 'interconnect', clientPort: 4223, leaves: { port: 7422 } },
      nations: [{ nation: 'DE', passwordFile: at('leaf.password') }],
    });
    expect(code).toBe(0);
    expect(JSON.parse(readFileSync(file, 'utf8')).authorization.users).toMatchObject([
      { user: 'DE', password },
    ]);
  });

  it.each([
    ['a password in the settings', { ...nation, interconnect: { ...nation.interconnect, password } }],
    ['an address off loopback without TLS', { ...nation, listen: { host: 'nats.example', port: 4222 } }],
    ['users that are missing', { ...nation, users: undefined }],
    ['a member without a key', { ...nation, users: { ...nation.users, members: [{ token: 'a_de' }] } }],
  ])('refuses %s, and writes nothing', async (_, settings) => {
    const { code, file } = await make('nation', settings);
    expect(code).toBe(2);
    expect(() => statSync(file)).toThrow('ENOENT');
  });

  it('names what is missing, and the file of a password that is not there', async () => {
    const err = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    try {
      await make('interconnect', { serverName: 'interconnect' });
      expect(err.mock.calls.join()).toContain(
        'lacks "clientPort", "leaves", "nations": see docs/operate.md.',
      );
      await make('nation', {
        ...nation,
        interconnect: { ...nation.interconnect, passwordFile: at('none') },
      });
      expect(err.mock.calls.join()).toContain(`There is no file ${at('none')}.`);
    } finally {
      err.mockRestore();
    }
  });
});
