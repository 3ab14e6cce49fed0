import { examplePlan } from '@entente/cli';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { natsPort, seedOf } from '../kit/hostile.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';
import { openRawNats } from '../kit/raw-nats.js';

// The servers know all three nations with their members; of these, only what serves DE itself runs.
let net: TestNetwork;
beforeAll(async () => {
  net = await startTestNetwork(examplePlan(), ['FR', 'NL', 'hotline.de', 'isp.de', 'ministry.de']);
});
afterAll(async () => await net?.stop());

/** What the server says to somebody with this credential who publishes or subscribes there. */
async function refusals(seed: string, subjects: Subjects): Promise<string[]> {
  const raw = await openRawNats(natsPort(net.home, 'DE'), seed);
  expect(raw.isClosed()).toBe(false);
  for (const subject of subjects.publish) raw.publish(subject, 'x');
  for (const subject of subjects.subscribe) raw.subscribe(subject);
  await raw.flush();
  raw.close();
  return raw.errors.map((error) => error.replaceAll("'", ''));
}

interface Subjects {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

const allRefused = ({ publish, subscribe }: Subjects) => [
  ...publish.map((subject) => `Permissions Violation for Publish to "${subject}"`),
  ...subscribe.map((subject) => `Permissions Violation for Subscription to "${subject}"`),
];

const MEMBER: Subjects = {
  publish: [
    'edge.out.isp_de',
    'edge.emergency.isp_de',
    'gate.preflight.isp_de',
    'edge.in.hotline_de',
    'edge.in.isp_de',
    'edge.in-emergency.hotline_de',
    'edge.in-emergency.isp_de',
    'ledger.append',
    'cross.FR.DE.hotline_de',
    'cross-emergency.FR.DE',
    '_R.FR.DE.x',
    '_INBOX_isp_de.x',
    '_INBOX_gate.x',
    '$JS.API.CONSUMER.MSG.NEXT.IN_isp_de.isp_de',
    '$JS.API.CONSUMER.MSG.NEXT.IN_EMERGENCY_isp_de.isp_de',
    '$JS.ACK.IN_EMERGENCY_isp_de.isp_de.1.1.1.0.0',
    '$JS.API.CONSUMER.MSG.NEXT.OUT.gate',
    '$JS.ACK.OUT.gate.1.1.1.0.0',
    '$JS.API.CONSUMER.MSG.NEXT.EMERGENCY.gate',
    '$JS.ACK.EMERGENCY.gate.1.1.1.0.0',
    '$JS.API.STREAM.DELETE.OUT',
    '$JS.API.STREAM.MSG.GET.IN_isp_de',
  ],
  subscribe: [
    '>',
    'edge.in.isp_de',
    'edge.out.*',
    'edge.emergency.*',
    'ledger.append',
    '_INBOX_isp_de.>',
    '_INBOX_gate.>',
    '$JS.>',
  ],
};
const GATE_ACROSS: Subjects = {
  publish: [
    'cross.FR.NL.hotline_nl',
    'cross.DE.FR.hotline_fr',
    'cross-emergency.FR.NL',
    'cross-emergency.DE.FR',
    'ledger.append',
    'edge.in.isp_de',
    'edge.out.hotline_de',
    '_R.FR.DE.x',
    '$JS.API.STREAM.DELETE.OUT',
    '$JS.API.STREAM.PURGE.CROSS',
    '$JS.API.STREAM.PURGE.CROSS_EMERGENCY',
  ],
  subscribe: [
    '>',
    'cross.>',
    'cross.FR.>',
    'cross-emergency.>',
    '_R.FR.>',
    '_R.NL.DE.>',
    '_R.>',
    'ledger.append',
    'gate.preflight.*',
  ],
};
const GATE: Subjects = {
  publish: [
    'cross.FR.DE.hotline_de',
    'edge.out.hotline_de',
    '$JS.API.STREAM.DELETE.HELD',
    '$JS.API.STREAM.PURGE.IN_isp_de',
  ],
  subscribe: ['>', 'ledger.append', 'edge.out.*', '_INBOX_ledger.>', '_INBOX_isp_de.>'],
};
const LEDGER: Subjects = {
  publish: ['edge.in.isp_de', 'edge.out.isp_de', 'ledger.append', 'cross.FR.DE.hotline_de', '$JS.API.INFO'],
  subscribe: ['>', 'edge.out.*', 'edge.in.*', 'gate.preflight.*', '_INBOX_gate.>'],
};

describe('with a stolen credential, the server of a nation lets nobody do more than its owner may', () => {
  it.each([
    ['a member', 'hotline.de', 'nats.nkey', MEMBER],
    ['the gate towards other nations', 'services.de', 'gate-cross.nkey', GATE_ACROSS],
    ['the gate inside its nation', 'services.de', 'gate.nkey', GATE],
    ['the ledger', 'services.de', 'ledger.nkey', LEDGER],
  ])('%s', async (_name, owner, file, subjects) => {
    expect(await refusals(seedOf(net.home, owner, file), subjects)).toEqual(allRefused(subjects));
  });

  it('nor does it let anybody in without one', async () => {
    const raw = await openRawNats(natsPort(net.home, 'DE'));
    expect(raw.isClosed()).toBe(true);
  });
});
