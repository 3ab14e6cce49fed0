import { resolve } from 'node:path';
import { createUserKey } from '@entente/bus';
import { generateKey, publicJwk, readKeyFile, writeKeyFile, writeSecretFile } from '@entente/seal';
import { type Command, Option } from 'commander';
import { jsonText, print } from '../print.js';
import { JSON_OPTION } from './options.js';

const KINDS = ['Ed25519', 'ES256', 'X25519', 'P-256', 'nats-user'] as const;

interface NewOptions {
  readonly kind: (typeof KINDS)[number];
  readonly out: string;
  readonly json?: boolean;
}

export function addKeys(program: Command): void {
  const keys = program.command('keys').description('Make and show keys.');
  keys
    .command('new')
    .description('Make a key in a new file that only its owner can read; print the public half.')
    .addOption(
      new Option(
        '--kind <kind>',
        'Ed25519 or ES256 to sign, X25519 or P-256 to decrypt, nats-user for a NATS user',
      )
        .choices(KINDS)
        .makeOptionMandatory(),
    )
    .requiredOption('--out <file>', 'where the secret goes; must not exist')
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExample:\n  entente keys new --kind Ed25519 --out secrets/sign.key')
    .action(newKey);
  keys
    .command('show')
    .description('Print the public half of a key file, as it may stand in a directory.')
    .argument('<file>', 'the key file')
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExample:\n  entente keys show secrets/sign.key')
    .action(showKey);
}

async function newKey({ kind, out, ...output }: NewOptions): Promise<void> {
  const file = resolve(out);
  if (kind === 'nats-user') {
    const { seed, publicKey } = createUserKey();
    await writeSecretFile(file, `${seed}\n`);
    return print(output, { file, nkey: publicKey }, () => [publicKey]);
  }
  const jwk = await generateKey(kind);
  await writeKeyFile(file, jwk);
  const shown = publicJwk(jwk);
  print(output, { file, jwk: shown }, () => [jsonText(shown)]);
}

async function showKey(file: string, output: { readonly json?: boolean }): Promise<void> {
  const jwk = publicJwk(await readKeyFile(resolve(file)));
  print(output, { jwk }, () => [jsonText(jwk)]);
}
