import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { meetsQuorum, openCheckpoint, parseVkey, parseWitnessPolicy, readCosignatures } from '@entente/audit';
import { paths, runProgram } from '@entente/cli';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { notice, sendReferral } from '../kit/case-work.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';
import { capturePrinted } from '../kit/printed.js';
import { waitFor } from '../kit/wait.js';

let net: TestNetwork;
let scratch: string;
let proof: string;
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'entente-witnesses-'));
  net = await startTestNetwork();
  const { id } = await sendReferral(net, 'hotline.de', notice('isp.fr'));
  const { evidence } = await net.client('hotline.de').message(id);
  proof = join(scratch, 'proof.txt');
  writeFileSync(proof, evidence.find(({ source }) => source === 'DE')?.proof ?? '');
});
afterAll(async () => {
  await net?.stop();
  rmSync(scratch, { recursive: true, force: true });
});
const printed = capturePrinted();

async function ask(port: number | undefined, path: string): Promise<string | undefined> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  const text = await response.text();
  return response.status === 200 ? text : undefined;
}

/** A policy that nobody meets: a nation is no witness of its own log. */
function strict(): string {
  const file = join(scratch, 'strict.txt');
  const text = readFileSync(paths.witnessPolicy(net.home.dir), 'utf8');
  writeFileSync(file, text.replace('group others 1', 'group others 2'));
  return file;
}

/** The checkpoint of a nation's log of now, as the other nation has cosigned it. */
async function cosigned(at = 0): Promise<string> {
  const { code = '', origin = '' } = net.home.nations[at] ?? {};
  const size = Number((await ask(net.home.logPorts?.[code], '/checkpoint'))?.split('\n')[1]);
  return await waitFor('the other nation to cosign it', async () => {
    const text = await ask(net.home.witnessPorts?.[code], `/${encodeURIComponent(origin)}/checkpoint`);
    return text && Number(text.split('\n')[1]) >= size ? text : undefined;
  });
}

describe('nations witness one another', () => {
  it('each has the log of the other cosigned, which anybody reads and checks with the policy', async () => {
    const note = await cosigned();
    const [{ origin = '', vkey = '' } = {}] = net.home.nations;
    openCheckpoint(note, parseVkey(vkey), origin);
    const policy = parseWitnessPolicy(readFileSync(paths.witnessPolicy(net.home.dir)));
    const keys = policy.witnesses.map(({ key }) => key);
    const by = readCosignatures(note, keys).map(({ witness }) => witness);
    expect(by.map(({ name }) => name)).toEqual(['entente.example/witness/fr']);
    expect([meetsQuorum(policy, by), meetsQuorum(policy, [])]).toEqual([true, false]);
  });

  it('an audit asks for it, and names a log that is not cosigned enough', async () => {
    for (const at of net.home.nations.keys()) await cosigned(at);
    const home = ['--home', net.home.dir];
    const commands = [
      ['audit', 'verify', ...home, '--nation', 'DE'],
      ['audit', 'replay', ...home, '--nation', 'DE'],
      ['audit', 'reconcile', ...home],
    ];
    for (const command of commands) {
      const ask = [...command, '--witness-policy'];
      expect(await runProgram([...ask, paths.witnessPolicy(net.home.dir)])).toBe(0);
      printed.text = '';
      expect(await runProgram([...ask, strict(), '--json'])).toBe(1);
      expect(printed.text).toContain('"quorum-missing"');
    }
  });

  it('a proof holds with a later checkpoint that the other nation has cosigned', async () => {
    await cosigned();
    const home = ['--directory', paths.directory(net.home.dir), '--anchors', paths.anchors(net.home.dir)];
    const verify = ['proof', 'verify', proof, ...home, '--log', `http://127.0.0.1:${net.home.logPorts?.DE}`];
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect(await runProgram([...verify, '--witness-policy', paths.witnessPolicy(net.home.dir)])).toBe(0);
    expect(printed.text).toContain('cosigned as the witness policy asks');
    expect(await runProgram([...verify, '--witness-policy', strict()])).toBe(1);
  });

  it('evidence that was exported without it gets it afterwards', async () => {
    const sent = await sendReferral(net, 'hotline.de', notice('isp.fr'));
    const file = join(scratch, 'bare.evidence');
    writeFileSync(file, await net.client('hotline.de').evidenceFile(sent.caseId, false));
    const anchors = ['--anchors', paths.anchors(net.home.dir)];
    const policy = ['--witness-policy', paths.witnessPolicy(net.home.dir)];
    expect(await runProgram(['evidence', 'verify', file, ...anchors, ...policy])).toBe(1);
    const logs = Object.values(net.home.logPorts ?? {}).map((port) => `http://127.0.0.1:${port}`);
    const proved = await waitFor('both logs to be cosigned', async () => {
      expect(await runProgram(['evidence', 'attest', file, ...anchors, '--log', ...logs])).toBe(0);
      return (await runProgram(['evidence', 'verify', file, ...anchors, ...policy])) === 0 ? true : undefined;
    });
    expect(proved).toBe(true);
  });
});
