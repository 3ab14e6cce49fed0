import { checkDirectory } from './check-directory.js';
import { checkFiles } from './check-files.js';
import { checkLogRow, type DirectoryPlace } from './check-log-row.js';
import { checkRunning } from './check-running.js';
import { checkServers } from './check-server.js';
import { checkSettings } from './check-settings.js';
import { checkYear } from './check-year.js';
import type { Finding, Report } from './finding.js';

/** A service by its settings, as it is started with: names without their prefix. */
export interface Patient {
  readonly name: string;
  readonly settings: Readonly<Record<string, string>>;
  /** What it is started with, where a person wrote it: the service itself is asked whether it can use that. */
  readonly written?: Readonly<Record<string, string>>;
}

/**
 * Looks at all that a service needs, from outside and without changing anything; a fault hides no other.
 * @param beside where another service reads the directory, for one that reads none itself
 */
export async function examine(
  { name, settings: all, written }: Patient,
  nowMs: number,
  beside: DirectoryPlace = {},
): Promise<Finding[]> {
  // What a service is told not to do needs nothing.
  const settings = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== 'none'));
  const findings: Finding[] = [];
  const report: Report = (what, state, detail = '', server) =>
    void findings.push({ service: name, what, state, detail, ...(server === undefined ? {} : { server }) });
  if (written) await checkSettings(written, report);
  await checkFiles(settings, report);
  if (settings.NATS_URL !== undefined)
    await checkServers(settings.NATS_URL, settings.PROFILE === 'live', report);
  await checkDirectory(settings, nowMs, report);
  await checkLogRow(settings, beside, nowMs, report);
  checkYear(settings, nowMs, report);
  await checkRunning(settings, nowMs, report);
  return findings;
}
