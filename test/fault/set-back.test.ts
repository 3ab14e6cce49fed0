import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCheckpoint, parseNote } from '@entente/audit';
import { paths } from '@entente/cli';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { phishingNotice } from '../kit/examples.js';
import { ended } from '../kit/holds.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';
import { waitFor } from '../kit/wait.js';

const FROM = 'hotline.de';
let net: TestNetwork;
let snapshot: string;
beforeAll(async () => {
  snapshot = mkdtempSync(join(tmpdir(), 'entente-snapshot-'));
  net = await startTestNetwork();
});
afterAll(async () => {
  await net?.stop();
  rmSync(snapshot, { recursive: true, force: true });
});

const dir = () => paths.ledger(net.home.dir, 'DE');
const sizeOf = (note: string) => parseCheckpoint(parseNote(note).text).size;
const signedSize = () => sizeOf(readFileSync(join(dir(), 'log', 'checkpoint'), 'utf8'));
const said = () => readFileSync(paths.logFile(net.home.dir, 'ledger.de'), 'utf8');
const send = async () => {
  const { id } = await net.client(FROM).send(phishingNotice('isp.fr'));
  expect((await ended(net, id, FROM)).outcome).toBe('delivered');
};
/** The size that the monitor of a nation knows of this log. */
async function known(nation: string): Promise<number> {
  const origin = net.home.nations[0]?.origin ?? '';
  const base = `http://127.0.0.1:${net.home.witnessPorts?.[nation]}`;
  const answer = await fetch(`${base}/${encodeURIComponent(origin)}/largest`).catch(() => undefined);
  return answer?.ok ? sizeOf(await answer.text()) : 0;
}

/** Each file stays the one that it was, as on a machine that is set back: a copy would be known by that alone. */
function setBack(): void {
  for (const path of readdirSync(dir(), { recursive: true, encoding: 'utf8' })) {
    const [now, then] = [join(dir(), path), join(snapshot, path)];
    if (!existsSync(then)) rmSync(now, { recursive: true, force: true });
    else if (statSync(now).isFile()) copyFileSync(then, now);
  }
}

it('a ledger that is set back with its whole folder signs nothing, as monitors and witnesses hold more of its log', async () => {
  await send();
  await net.network.kill('ledger.de');
  cpSync(dir(), snapshot, { recursive: true });
  await net.network.restart('ledger.de');
  await send();
  await waitFor('both monitors', async () => {
    const size = signedSize();
    return (await known('DE')) >= size && (await known('FR')) >= size ? true : undefined;
  });
  await net.network.kill('ledger.de');
  setBack();
  const before = signedSize();

  // Nobody can be asked: it goes on, and says so.
  await net.network.kill('monitor.de');
  await net.network.kill('monitor.fr');
  await net.network.restart('ledger.de');
  await waitFor('its words', async () =>
    said().includes('not all who may have seen more') ? true : undefined,
  );
  // Then one can: within its next turns.
  await net.network.restart('monitor.fr');
  await waitFor('its end', async () => (said().includes('nothing is logged any more') ? true : undefined));
  const stopped = signedSize();
  const { id } = await net.client(FROM).send(phishingNotice('isp.fr'));

  // Nor does it start again.
  await net.network.kill('ledger.de');
  await expect(net.network.restart('ledger.de')).rejects.toThrow();
  expect(said()).toMatch(/entries, but \d+ were published|another history/);
  expect(signedSize()).toBe(stopped);
  expect(stopped).toBeGreaterThanOrEqual(before);
  expect((await net.client(FROM).message(id)).outcome).toBe('');
});
