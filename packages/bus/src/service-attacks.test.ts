import type { NatsConnection } from 'nats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cleanUp } from './fixture/test-server.js';
import { makeStreams, openRaw, startNation, WITHIN_MS } from './fixture/with-nats-server.js';

// The attacker has taken over a service: its key, and any NATS client.
const members = ['hotline_de', 'isp_de'];
const timeoutMs = WITHIN_MS;

describe('the ledger cannot', () => {
  let raw: NatsConnection;
  beforeAll(async () => {
    const nation = await startNation('DE', members);
    await makeStreams(nation, members);
    raw = await openRaw(nation, 'ledger');
  });
  afterAll(cleanUp);

  it.each([
    'edge.in.isp_de',
    'edge.out.isp_de',
    'ledger.append',
    '$JS.API.STREAM.DELETE.OUT',
    '_INBOX_gate.x',
  ])('publish on %s', async (subject) => {
    await expect(raw.request(subject, '', { timeout: timeoutMs })).rejects.toMatchObject({
      code: 'PERMISSIONS_VIOLATION',
    });
  });
});

describe('the gate cannot', () => {
  it.each([
    'STREAM.DELETE.HELD',
    'STREAM.PURGE.OUT',
    'STREAM.NAMES',
    'STREAM.CREATE.MINE',
    'STREAM.MSG.GET.OUT',
  ])('ask for %s', async (api) => {
    const nation = await startNation('DE', members);
    const raw = await openRaw(nation, 'gate');
    await expect(raw.request(`$JS.API.${api}`, '', { timeout: timeoutMs })).rejects.toMatchObject({
      code: 'PERMISSIONS_VIOLATION',
    });
    await cleanUp();
  });
});
