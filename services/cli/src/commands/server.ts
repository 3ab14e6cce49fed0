import { resolve } from 'node:path';
import { BusError, interconnectConfig, nationServerConfig } from '@entente/bus';
import { writeSecretFile } from '@entente/seal';
import type { Command } from 'commander';
import { print } from '../print.js';
import { readJsonObject } from '../read-json.js';
import { readNamed } from '../read-named.js';
import { UsageError } from '../usage.js';
import { JSON_OPTION } from './options.js';

interface Options {
  readonly out: string;
  readonly json?: boolean;
}

const NEEDED = {
  nation: ['nation', 'serverName', 'storeDir', 'listen', 'users'],
  interconnect: ['serverName', 'clientPort', 'leaves', 'nations'],
} as const;

export function addServer(program: Command): void {
  const server = program.command('server').description('Make the configuration of a nats-server.');
  const sub = (name: keyof typeof NEEDED, what: string, make: (settings: never) => string) =>
    server
      .command(name)
      .description(`${what}, in a new file that only its owner can read: it holds passwords.`)
      .argument('<settings>', 'a JSON file, as in docs/operate.md; passwords are named by their files')
      .requiredOption('--out <file>', 'where the configuration goes; must not exist')
      .option(...JSON_OPTION)
      .addHelpText('after', `\nExample:\n  entente server ${name} ${name}.json --out nats.conf`)
      .action(async (settings: string, { out, ...output }: Options) => {
        const file = resolve(out);
        await writeSecretFile(file, made(settings, name, make));
        print(output, { file }, () => [file]);
      });
  sub('nation', "A nation's server, or one of its cluster", nationServerConfig);
  sub('interconnect', 'The server that the nations join', interconnectConfig);
}

/** What is missing in the settings, or is not what it should be there, is told with the file's name. */
function made(path: string, name: keyof typeof NEEDED, make: (settings: never) => string): string {
  try {
    const settings = readJsonObject(path);
    const missing = NEEDED[name].filter((one) => settings[one] === undefined);
    if (missing.length > 0)
      throw new UsageError(
        `${path} lacks ${missing.map((one) => `"${one}"`).join(', ')}: see docs/operate.md.`,
      );
    return make(withPasswords(settings) as never);
  } catch (cause) {
    if (cause instanceof BusError) throw new UsageError(`${path}: ${cause.message}`, { cause });
    if (cause instanceof TypeError)
      throw new UsageError(`${path} lacks a setting, see docs/operate.md: ${cause.message}`, { cause });
    throw cause;
  }
}

/** INVARIANT: no secret stands in the settings: each `passwordFile` becomes the `password` that is in it. */
function withPasswords(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withPasswords);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, of]) => {
      if (name === 'password') throw new UsageError('A password is named by its file: "passwordFile".');
      if (name !== 'passwordFile') return [name, withPasswords(of)];
      return [
        'password',
        readNamed(resolve(String(of)))
          .toString('utf8')
          .trim(),
      ];
    }),
  );
}
