import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arrived, notice } from '../kit/case-work.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';
import { waitFor } from '../kit/wait.js';

let net: TestNetwork;
beforeAll(async () => {
  net = await startTestNetwork();
});
afterAll(async () => await net?.stop());

async function ask(service: string, path: string) {
  const port = net.home.operationPorts?.[service];
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: response.status, text: await response.text() };
}
const SERVICES = ['ledger.de', 'gate.de', 'hotline.de', 'ledger.fr', 'gate.fr', 'isp.fr'];

describe('an operator', () => {
  it('reads from every service that it is ready, and what it counted on the way of one message', async () => {
    const { id } = await net.client('hotline.de').send(notice('isp.fr'));
    await arrived(net, 'hotline.de', id);
    for (const service of SERVICES)
      expect(await ask(service, '/health/ready')).toMatchObject({ status: 200 });
    const counted = async (service: string) => (await ask(service, '/metrics')).text;
    expect(await counted('gate.de')).toMatch(
      /entente_gate_decisions_total\{stage="leave",event="crossing",decision="permit",rule="hotline-to-host"\} 1/,
    );
    expect(await counted('gate.fr')).toMatch(/entente_gate_age_seconds_count\{stage="enter"\} [12]/);
    expect(await counted('ledger.de')).toMatch(/entente_ledger_entries [1-9]/);
    expect(await counted('isp.fr')).toContain('entente_edge_received_total{category="csam",update=""} 1');
    expect(await counted('hotline.de')).toContain(
      'entente_edge_outcomes_total{outcome="delivered",code=""} 1',
    );
    expect(await counted('hotline.de')).toContain('entente_edge_delivery_seconds_count 1');
    expect(await counted('hotline.de')).toContain('entente_edge_outbox{which="waiting"} 0');
  });

  it('reads no id, no address and no content in what is counted', async () => {
    for (const service of SERVICES) {
      const { text } = await ask(service, '/metrics');
      expect(text).not.toMatch(/[0-9a-f]{32}|example\.net|hotline\.|isp\./);
    }
  });

  it('reads what a service lacks while it lacks it', async () => {
    await net.network.kill('nats.fr');
    const lacking = await waitFor('the edge to miss its server', async () => {
      const { status, text } = await ask('isp.fr', '/health/ready');
      return status === 503 ? (JSON.parse(text) as object) : undefined;
    });
    expect(lacking).toEqual({ ok: false, needs: { nation: false } });
    expect(await ask('isp.fr', '/health/live')).toMatchObject({ status: 200 });
    await net.network.restart('nats.fr');
    await waitFor('the edge to be ready again', async () =>
      (await ask('isp.fr', '/health/ready')).status === 200 ? true : undefined,
    );
  });
});
