import { join } from 'node:path';
import { paths, runProgram } from '@entente/cli';
import { openEdgeStore } from '@entente/edge';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { phishingNotice } from '../kit/examples.js';
import { type ServiceHere, startEdgeHere } from '../kit/here.js';
import { ended } from '../kit/holds.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';
import { capturePrinted } from '../kit/printed.js';
import { received } from '../kit/state.js';
import { waitFor } from '../kit/wait.js';

const [FROM, TO] = ['hotline.de', 'isp.fr'] as const;

let net: TestNetwork;
let edge: ServiceHere | undefined;
beforeAll(async () => {
  net = await startTestNetwork(undefined, [TO]);
  edge = await startEdgeHere(net, TO, Date.now);
});
afterAll(async () => {
  await edge?.stop();
  await net?.stop();
});
const printed = capturePrinted();

/** What SQLite itself refuses for ever: one kind of row. */
function inStore(sql: string): void {
  const db = openEdgeStore(join(paths.edge(net.home.dir, TO), 'edge.sqlite'));
  db.exec(sql);
  db.close();
}
const CORRUPT = `CREATE TRIGGER corrupt BEFORE INSERT ON received WHEN instr(NEW.content, 'poison') > 0
  BEGIN SELECT RAISE(ABORT, 'no such row'); END`;

async function quarantine(...args: string[]): Promise<{ code: number; said: Record<string, unknown> }> {
  printed.text = '';
  const code = await runProgram(['quarantine', ...args, '--member', TO, '--home', net.home.dir, '--json']);
  return { code, said: JSON.parse(printed.text) as Record<string, unknown> };
}

it('what a recipient cannot keep stops nothing, ends with evidence, and is delivered once the fault is mended', async () => {
  inStore(CORRUPT);
  const poison = await net.client(FROM).send(phishingNotice(TO, 'A page with poison.'));
  const others = await Promise.all(
    Array.from({ length: 8 }, (_, n) => net.client(FROM).send(phishingNotice(TO, `Page ${n}.`))),
  );
  for (const { id } of others) expect(await ended(net, id, FROM)).toMatchObject({ outcome: 'delivered' });
  const refused = await waitFor('the end of the poison', async () => {
    // It is set aside only where others of its kind pass after it has failed.
    const after = await net.client(FROM).send(phishingNotice(TO, 'A page after all those.'));
    expect(await ended(net, after.id, FROM)).toMatchObject({ outcome: 'delivered' });
    const message = await net.client(FROM).message(poison.id);
    return message.state === 'ended' ? message : undefined;
  });
  expect(refused).toMatchObject({ outcome: 'refused', code: 'quarantined' });
  const said = refused.evidence.filter(({ evidence }) => evidence === 'not-delivered');
  expect(said).toMatchObject([{ source: TO, code: 'quarantined' }]);
  expect(await received(net, TO)).not.toContain(poison.id);

  const listed = await waitFor('it to be listed', async () => {
    const { said } = await quarantine('list');
    return (said.messages as readonly unknown[]).length > 0 ? said : undefined;
  });
  const [kept, ...more] = listed.messages as { id: string; source: string }[];
  expect(more).toEqual([]);
  expect(kept).toMatchObject({ source: FROM, fault: expect.stringContaining('SQLITE_CONSTRAINT_TRIGGER') });
  expect(JSON.stringify(listed)).not.toContain('A page');

  inStore('DROP TRIGGER corrupt');
  expect(await quarantine('retry', kept?.id ?? '')).toMatchObject({ code: 0, said: { asked: true } });
  await waitFor('delivery', async () => (await received(net, TO)).includes(poison.id) || undefined);
  await waitFor('its evidence', async () => {
    const { outcome } = await net.client(FROM).message(poison.id);
    return outcome === 'delivered' || undefined;
  });
  // It is taken out once it is handled, which its evidence does not wait for.
  await waitFor('an empty quarantine', async () => {
    const { messages } = (await quarantine('list')).said as { readonly messages: readonly unknown[] };
    return messages.length === 0 || undefined;
  });
  const why = ['--reason', 'mistake', '--reference', 'ticket 12', '--actor', 'desk'];
  expect(await quarantine('drop', kept?.id ?? '', ...why)).toMatchObject({
    ...{ code: 1, said: { dropped: false } },
  });
});
