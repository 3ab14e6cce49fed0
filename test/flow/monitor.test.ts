import { readFileSync } from 'node:fs';
import { paths, runProgram } from '@entente/cli';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { notice, sendReferral } from '../kit/case-work.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';
import { capturePrinted } from '../kit/printed.js';
import { waitFor } from '../kit/wait.js';

const printed = capturePrinted();
let net: TestNetwork;
beforeAll(async () => {
  net = await startTestNetwork();
});
afterAll(async () => await net?.stop());

async function ask(port: number | undefined, path: string, authorization = '') {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization } });
  return { status: response.status, text: await response.text() };
}
const monitor = (path: string) => ask(net.home.operationPorts?.['monitor.de'], path);

describe('a monitor', () => {
  it('follows the logs of all nations as their ledgers show them, and finds that they only grow', async () => {
    await sendReferral(net, 'hotline.de', notice('isp.fr'));
    const size = Number((await ask(net.home.logPorts?.DE, '/checkpoint')).text.split('\n')[1]);
    // A log grows by itself as well: that somebody reads it is an entry.
    await waitFor('the monitor to see it', async () => {
      const { text } = await monitor('/metrics');
      const seen = /^entente_monitor_entries\{nation="DE"\} (\d+)$/m.exec(text)?.[1];
      return Number(seen) >= size ? true : undefined;
    });
    await sendReferral(net, 'hotline.fr', notice('isp.de'));
    await waitFor('it to be ready', async () =>
      (await monitor('/health/ready')).status === 200 ? true : undefined,
    );
    await waitFor('it to compare what crossed', async () => {
      const { text } = await monitor('/metrics');
      const value = (name: string, nation: string) =>
        new RegExp(`^entente_monitor_${name}\\{nation="${nation}"\\} (\\d+)$`, 'm').exec(text)?.[1];
      return ['DE', 'FR'].every(
        (nation) =>
          value('entries', nation) === value('compared_entries', nation) && value('entries', nation) !== '0',
      )
        ? true
        : undefined;
    });
    expect(JSON.parse((await monitor('/alarms')).text)).toEqual({ alarms: [] });
  });

  it('tells a person of its alarms, and is not told about one that there is not', async () => {
    const where = ['--nation', 'DE', '--home', net.home.dir];
    printed.text = '';
    expect(await runProgram(['monitor', 'alarms', ...where])).toBe(0);
    expect(printed.text).toContain('No alarms.');
    expect(await runProgram(['monitor', 'alarms', ...where, '--alarm', '7'])).toBe(0);
    expect(printed.text).toContain('There is no alarm 7.');
    expect(await runProgram(['monitor', 'ack', '7', ...where, '--by', 'A. Person', '--why', 'none'])).toBe(2);
  });
});

describe('a ledger', () => {
  it('shows entries to auditors only, and hashes to everybody', async () => {
    const port = net.home.logPorts?.DE;
    const size = (await ask(port, '/checkpoint')).text.split('\n')[1];
    expect(await ask(port, `/tile/0/000.p/${size}`)).toMatchObject({ status: 200 });
    expect(await ask(port, `/tile/entries/000.p/${size}`)).toMatchObject({ status: 401 });
    const token = readFileSync(paths.secret(net.home.dir, 'services.de', 'auditor.token'), 'utf8').trim();
    const { status, text } = await ask(port, `/tile/entries/000.p/${size}`, `Bearer ${token}`);
    expect(status).toBe(200);
    expect(text).toContain('crossing');
    expect(text).not.toContain('hotline.de');
  });
});
