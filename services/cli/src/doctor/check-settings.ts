import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { CHECK_SETTINGS, type SettingsProblems } from '@entente/runtime';
import { serviceProgram } from '../network/specs.js';
import type { Report } from './finding.js';

const WITHIN_MS = 30_000;

/** Settings that one service has and no other: by them it is known whose the settings are. */
export const OWN_SETTINGS: Readonly<Record<string, readonly string[]>> = {
  edge: ['MEMBER', 'SIGN_KEY_FILE', 'DECRYPT_KEY_FILE', 'PSEUDONYM_KEY_FILE', 'HTTP_PORT', 'HTTP_TOKEN_FILE'],
  gate: ['PACKS_DIR', 'QUARANTINE_DIR', 'CROSS_NKEY_FILE', 'MEMBER_RATE', 'REPLICAS'],
  ledger: ['ORIGIN', 'RETENTION_DAYS', 'LOG_RETENTION_DAYS', 'LOG_PORT', 'AUDITOR_TOKEN_FILE'],
  monitor: ['LOGS_FILE', 'SILENCE_MINUTES', 'WITNESS_NAME', 'PUBLIC_PORT', 'TSA_URL', 'RELAY_HOURS'],
};

/**
 * What the service itself says of its settings: its program is asked, and not started. Files that they name are looked at elsewhere.
 * @param env as it is started with
 */
export async function checkSettings(env: Readonly<Record<string, string>>, report: Report): Promise<void> {
  const service = serviceOf(env);
  if (service === undefined) return report('settings', 'bad', 'they are of no service');
  const program = serviceProgram(service);
  if (!existsSync(program))
    return report(
      'settings',
      'warning',
      `not looked at: the program of the ${service} is not on this machine`,
    );
  try {
    const { settings } = await ask(program, env);
    for (const problem of settings) report('settings', 'bad', problem);
    if (settings.length === 0) report('settings', 'ok', `those of a ${service}`);
  } catch (error) {
    report(
      'settings',
      'bad',
      `the program of the ${service} does not look at them: ${(error as Error).message}`,
    );
  }
}

function serviceOf(env: Readonly<Record<string, string>>): string | undefined {
  const counted = Object.entries(OWN_SETTINGS).map(([service, names]) => ({
    service,
    count: names.filter((name) => env[`ENTENTE_${name}`] !== undefined).length,
  }));
  const [most] = counted.toSorted((a, b) => b.count - a.count);
  return most && most.count > 0 ? most.service : undefined;
}

async function ask(program: string, env: Readonly<Record<string, string>>): Promise<SettingsProblems> {
  const options = { env: { PATH: process.env.PATH ?? '', ...env }, timeout: WITHIN_MS };
  return await new Promise((resolve, reject) => {
    // It ends with 2 if anything is wrong: what it says counts.
    execFile(process.execPath, [program, CHECK_SETTINGS], options, (error, stdout) => {
      try {
        resolve(JSON.parse(stdout) as SettingsProblems);
      } catch {
        reject(error ?? new Error('it says nothing'));
      }
    });
  });
}
