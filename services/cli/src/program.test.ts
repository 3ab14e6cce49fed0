import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { allCommands, createProgram, runProgram } from './program.js';

const leaves = allCommands(createProgram()).filter((command) => command.commands.length === 0);

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const written = { out: '', err: '' };
  const catching = (name: 'out' | 'err') => (text: string | Uint8Array) => {
    written[name] += String(text);
    return true;
  };
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation(catching('out'));
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation(catching('err'));
  try {
    return { code: await runProgram(args), ...written };
  } finally {
    stdout.mockRestore();
    stderr.mockRestore();
  }
}

describe('the entente command', () => {
  it.each(leaves.map((command) => [pathOf(command), command] as const))(
    '%s has help with an example',
    async (path) => {
      const { code, out } = await run(...path.split(' '), '--help');
      expect(code).toBe(0);
      expect(out).toContain(`Example:\n  entente ${path}`);
    },
  );

  it('prints JSON from every command that answers something', () => {
    const silent = ['directory export'];
    const withJson = leaves
      .filter((command) => command.options.some(({ long }) => long === '--json'))
      .map(pathOf);
    expect(leaves.map(pathOf).filter((path) => !withJson.includes(path))).toEqual(
      expect.arrayContaining(silent),
    );
    expect(withJson.length + silent.length).toBe(leaves.length);
  });

  it('ends with 2 and says what to do when it is asked for what cannot be', async () => {
    expect((await run('nonsense')).code).toBe(2);
    expect((await run('inbox')).code).toBe(2);
    expect((await run('inbox', '--member', 'isp.fr', '--home', '/nowhere')).err).toContain(
      'entente up --home /nowhere',
    );
    expect((await run('inbox', '--member', 'isp.fr', '--home', '/nowhere')).code).toBe(2);
    expect((await run('log', 'verify')).code).toBe(2);
    expect((await run('up', '--input', '/nowhere', '--once')).code).toBe(2);
  });

  it('says of an id that is none, and of a file that is not there, what they are not', async () => {
    const noCase = await run('audit', 'case', 'nope', '--home', '/nowhere');
    expect(noCase).toMatchObject({ code: 2, out: '' });
    expect(noCase.err).toContain('"nope" is no id of a case: 32 hex digits');
    const member = ['--member', 'court.nl', '--reason', 'lawful', '--justification', 'x'];
    expect((await run('release', 'deadbeef', ...member)).err).toContain('is no hash of a message: 64 hex');
    const asked = ['--from', 'hotline.nl:hotline:hotline', '--to', 'isp.de:isp:hosting'];
    expect((await run('decide', '/nowhere.json', ...asked)).err).toContain('There is no file /nowhere.json.');
  });

  it('is named by code and documentation with commands and options that there are', () => {
    const root = new URL('../../../', import.meta.url).pathname;
    const isOurs = (file: string) =>
      /^(README|SECURITY|CONTRIBUTING|docs\/[\w-]+)\.md$|^(packages|services)\/\w+\/src\/.*(?<!\.test)\.ts$/.test(
        file,
      );
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(isOurs);
    const named = files.flatMap((file) =>
      [...readFileSync(`${root}${file}`, 'utf8').matchAll(/(?:npx |["`]|with: )entente ([^\n"`\\]*)/g)].map(
        ([text, command = '']) => ({ file, text, words: command.split(' ') }),
      ),
    );
    expect(named.length).toBeGreaterThan(150);
    for (const { file, text, words } of named) {
      const [first = '', second = ''] = words;
      const paths = [first, `${first} ${second}`];
      const command = leaves.find((leaf) => paths.includes(pathOf(leaf)));
      const isGroup = words.length === 1 && leaves.some((leaf) => pathOf(leaf).startsWith(`${first} `));
      expect.soft(command ?? isGroup, `${file}: ${text}`).toBeTruthy();
      if (!command) continue;
      const known = command.options.map(({ long }) => long);
      const asked = words.filter((word) => /^--[a-z]/.test(word));
      expect.soft([...known, '--help'], `${file}: ${text}`).toEqual(expect.arrayContaining(asked));
    }
  });

  it('asks the rules without a network: 0 for a permit, 1 for a refusal that says why', async () => {
    const parties = ['--from', 'hotline.nl:hotline:hotline', '--to', 'isp.de:isp:hosting'];
    const example = new URL('../../../examples/', import.meta.url).pathname;
    const yes = await run('decide', `${example}14-phishing-page-on-a-bakery-site.json`, ...parties, '--json');
    expect(yes.code).toBe(0);
    expect(JSON.parse(yes.out)).toMatchObject({
      verdicts: [
        { nation: 'NL', decision: 'permit' },
        { nation: 'DE', decision: 'permit' },
      ],
    });
    const no = await run('decide', `${example}19-refused-victim-named-to-a-provider.json`, ...parties);
    expect(no.code).toBe(1);
    expect(no.out).toContain('victim-not-to-provider');
  });

  it('names the word of a party that no list has, the day and the file that are none, and the nation that has no pack', async () => {
    const example = new URL('../../../examples/14-phishing-page-on-a-bakery-site.json', import.meta.url);
    const parties = ['--from', 'hotline.nl:hotline:hotline', '--to', 'isp.de:isp:hosting'];
    const asked = (to: string) =>
      run('decide', example.pathname, '--from', 'hotline.nl:hotline:hotline', '--to', to);
    const provider = await asked('isp.de:provider:hosting');
    expect(provider).toMatchObject({ code: 2, out: '' });
    expect(provider.err).toMatch(/"provider" .*no type of member: .*isp/);
    expect((await asked('isp.de:isp:host')).err).toMatch(/"host" .*no role: .*hosting/);
    expect((await asked('isp:isp:hosting')).err).toContain('is not member:type:role');
    const day = async (text: string) => await run('decide', example.pathname, ...parties, '--day', text);
    for (const text of ['2026-13-01', '2026-02-30', 'today'])
      expect(await day(text)).toMatchObject({
        ...{ code: 2, out: '' },
        err: expect.stringContaining(`"${text}" is no day`),
      });
    expect((await day('2026-02-28')).code).toBe(0);
    const facts = new URL('../package.json', import.meta.url).pathname;
    expect((await run('decide', facts, ...parties)).err).toContain(
      `${facts} holds neither facts nor a report`,
    );
    const nowhere = await asked('isp.xx:isp:hosting');
    expect(nowhere.code).toBe(2);
    expect(nowhere.err).toMatch(/there is no pack for XX: .*there are CH, DE, FR, GB, IN, NL, NO/);
  });

  it('says what the rules say in the language that is asked for', async () => {
    const example = new URL('../../../examples/', import.meta.url).pathname;
    const asked = (file: string, from: string, lang: string) =>
      run('decide', example + file, '--from', from, '--to', 'isp.de:isp:hosting', '--lang', lang);
    const by = (from: string, lang: string) => asked('14-phishing-page-on-a-bakery-site.json', from, lang);
    const de = await asked('19-refused-victim-named-to-a-provider.json', 'hotline.nl:hotline:hotline', 'de');
    expect(de.code).toBe(1);
    expect(de.out).toContain('NL, beim Verlassen des Staates: an den Absender zurückgegeben');
    expect(de.out).toMatch(/victim-not-to-provider: .*Anbieter/);
    const fr = await by('isp.nl:isp:hosting', 'fr');
    expect(fr.out).toContain('Aucune règle');
    expect(fr.out).not.toContain('No rule permits this');
    const itself = await by('isp.de:isp:hosting', 'en');
    expect(itself.out).toContain('DE, inside the nation: returned to sender\n  The recipient is the sender');
    expect(await by('isp.nl:isp:hosting', 'it')).toMatchObject({
      code: 2,
      err: expect.stringContaining('"it" is no language that is spoken here: en, de, fr.'),
    });
  });
});

function pathOf(command: (typeof leaves)[number]): string {
  const parent = command.parent;
  return parent && parent.name() !== 'entente' ? `${parent.name()} ${command.name()}` : command.name();
}
