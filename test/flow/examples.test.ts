import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { examples, examplesDir, hasXarfSamples, repoRoot, xarfSamplesDir } from '../kit/examples.js';

interface Result {
  readonly nations: string[];
  readonly members: string[];
  readonly messages: {
    id: string;
    file: string;
    from: string;
    to: string;
    category: string;
    outcome: string;
    rule: string;
    reason: string;
    notes: string[];
    evidence: string[];
    ms: number;
  }[];
  readonly counts: { sent: number; delivered: number; refused: number; held: number };
  readonly ledgers: { nation: string; size: number; root: string; verified: boolean }[];
  readonly proofsVerified: number;
  readonly audit: {
    logs: { nation: string; size: number }[];
    seals: number;
    decided: number;
    arrived: number;
    inspection: { auditor: string; of: string; result: string } | null;
    faults: string[];
  };
  readonly ok: boolean;
}

/** The command that `npm start -- --once --json` runs when everything is installed. */
async function up(
  input: string,
): Promise<{ code: number | null; stdout: string; stderr: string; pids: number[] }> {
  const child = spawn(
    process.execPath,
    [join(repoRoot, 'services/cli/bin/entente.js'), 'up', '--once', '--json', '--input', input],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const pids: number[] = [];
  const watch = setInterval(() => pids.push(...childrenOf(child.pid ?? 0)), 500);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearInterval(watch);
  return { code, stdout, stderr, pids: [...new Set(pids)] };
}

/** From /proc, where there is one. */
function childrenOf(pid: number): number[] {
  try {
    const { readFileSync } = process.getBuiltinModule('node:fs');
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

// Three nations are started and stopped in each.
describe('the network of npm start', { timeout: 900_000 }, () => {
  it('brings every example to the outcome that it promises, proves it, and leaves nothing running', async () => {
    const { code, stdout, stderr, pids } = await up(examplesDir);
    expect(stdout, stderr).toMatch(/^\{/);
    const result = JSON.parse(stdout) as Result;
    const expected = examples();

    expect(result.messages.map(({ file, outcome }) => ({ file, outcome }))).toEqual(
      expected.map(({ file, expect: outcome }) => ({ file, outcome })),
    );
    expect(new Set(result.messages.map(({ category }) => category)).size).toBe(6);
    const { sent, delivered, refused, held } = result.counts;
    expect(sent).toBe(expected.length);
    expect(delivered + refused + held).toBe(sent);
    expect(refused).toBeGreaterThan(0);
    expect(result.nations).toEqual(['DE', 'FR', 'NL']);
    expect(result.ledgers.map(({ verified }) => verified)).toEqual([true, true, true]);
    expect(result.messages.every(({ reason, outcome }) => outcome === 'delivered' || reason.length > 0)).toBe(
      true,
    );
    const proofsOf = ({ evidence }: Result['messages'][number]) =>
      evidence.includes('relay-accepted') ? 6 : 3;
    const deliveredOnes = result.messages.filter(({ outcome }) => outcome === 'delivered');
    expect(result.proofsVerified).toBe(deliveredOnes.reduce((sum, message) => sum + proofsOf(message), 0));
    // An auditor who has no access to these files finds the same.
    const { audit } = result;
    expect(audit.faults).toEqual([]);
    expect(audit.logs.map(({ nation }) => nation)).toEqual(['DE', 'FR', 'NL']);
    for (const [i, { size }] of audit.logs.entries())
      expect(size).toBeGreaterThanOrEqual(result.ledgers[i]?.size ?? 0);
    // Each that crossed a border has arrived, and so has the word of its delivery.
    const abroad = deliveredOnes.filter(({ evidence }) => evidence.includes('relay-accepted'));
    expect(audit.arrived).toBe(2 * abroad.length);
    expect(audit.decided).toBeGreaterThan(deliveredOnes.length);
    expect(audit.seals).toBeGreaterThan(audit.decided);
    expect(audit.inspection).toMatchObject({ auditor: 'auditor.de', result: 'match' });
    expect(audit.inspection?.of).toMatch(/\.de$/);
    expect(result.ok).toBe(true);
    expect(code).toBe(0);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  it.skipIf(!hasXarfSamples)('takes all real XARF samples (needs ../shared/data/xarf-v4)', async () => {
    const { code, stdout } = await up(xarfSamplesDir);
    const result = JSON.parse(stdout) as Result;
    expect(result.messages).toHaveLength(readdirSync(xarfSamplesDir).length);
    const { sent, delivered, refused, held } = result.counts;
    expect(delivered + refused + held).toBe(sent);
    const notCarried = result.messages.filter(({ rule }) => rule === 'type-not-carried');
    expect(notCarried.length).toBeGreaterThan(10);
    expect(notCarried.every(({ reason, file }) => reason.includes(file.split('-')[0] ?? file))).toBe(true);
    expect(delivered).toBeGreaterThan(5);
    expect(
      result.messages.some(({ notes }) => notes.some((note) => note.includes('not the one of the payload'))),
    ).toBe(true);
    expect(result.ok).toBe(true);
    expect(code).toBe(0);
  });
});
