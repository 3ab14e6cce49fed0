import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { paths, processSpecs, runProgram } from '@entente/cli';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arrived, notice } from '../kit/case-work.js';
import { phishingNotice } from '../kit/examples.js';
import { ended } from '../kit/holds.js';
import { startTestNetwork, type TestNetwork } from '../kit/network.js';
import { capturePrinted } from '../kit/printed.js';
import { logLines } from '../kit/state.js';
import { waitFor } from '../kit/wait.js';

const printed = capturePrinted();
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

interface Finding {
  readonly service: string;
  readonly what: string;
  readonly state: string;
  readonly detail: string;
}

/** What `entente doctor` says, less what is as it should be. */
async function examined(...args: string[]): Promise<readonly Finding[]> {
  printed.text = '';
  const code = await runProgram(['doctor', '--json', ...args]);
  const { findings } = JSON.parse(printed.text) as { findings: Finding[] };
  const unwell = findings.filter(({ state }) => state !== 'ok');
  expect(code).toBe(unwell.some(({ state }) => state === 'bad') ? 1 : 0);
  expect(findings.length).toBeGreaterThan(unwell.length);
  return unwell;
}

describe('an operator', () => {
  it('reads from every service that it is ready, and what it counted on the way of one message', async () => {
    const { id } = await net.client('hotline.de').send(notice('isp.fr'));
    await arrived(net, 'hotline.de', id);
    for (const service of SERVICES)
      await waitFor(`${service} to be ready`, async () =>
        (await ask(service, '/health/ready')).status === 200 ? true : undefined,
      );
    const counted = async (service: string) => (await ask(service, '/metrics')).text;
    // An edge that waits long for evidence sends again, and is answered again.
    expect(await counted('gate.de')).toMatch(
      /entente_gate_decisions_total\{stage="leave",event="crossing",decision="permit",rule="dsa-17-reasons-follow"\} [1-9]/,
    );
    expect(await counted('gate.fr')).toMatch(/entente_gate_age_seconds_count\{stage="enter"\} [1-9]/);
    for (const stream of ['OUT', 'EMERGENCY', 'HELD', 'CROSS', 'CROSS_EMERGENCY', 'IN_hotline_de'])
      expect(await counted('gate.de')).toMatch(
        new RegExp(`entente_gate_stream_messages\\{stream="${stream}"\\} \\d`),
      );
    expect(await counted('ledger.de')).toMatch(/entente_ledger_entries [1-9]/);
    expect(await counted('isp.fr')).toContain('entente_edge_received_total{category="csam",update=""} 1');
    expect(await counted('hotline.de')).toContain(
      'entente_edge_outcomes_total{outcome="delivered",code=""} 1',
    );
    expect(await counted('hotline.de')).toContain('entente_edge_delivery_seconds_count 1');
    expect(await counted('hotline.de')).toContain('entente_edge_outbox{which="waiting"} 0');
  });

  it('follows one id through the logs of all services, and reads no content there', async () => {
    const { id } = await net.client('hotline.de').send(notice('isp.fr'));
    await arrived(net, 'hotline.de', id);
    const toldBy = (service: string) =>
      logLines(net.home, service).flatMap(({ messages }) =>
        ((messages ?? []) as { id: string; hash: string }[]).filter((one) => one.id === id),
      );
    const told: Record<string, readonly object[]> = {
      'hotline.de': [{ step: 'sealed' }, { outcome: 'delivered', code: '' }],
      'gate.de': [{ stage: 'leave', decision: 'permit', code: '' }],
      'ledger.de': [{ stage: 'leave', decision: 'permit', index: expect.any(Number) }],
      'gate.fr': [{ stage: 'enter', decision: 'permit', code: '' }],
      'ledger.fr': [{ stage: 'enter', decision: 'permit', index: expect.any(Number) }],
      'isp.fr': [{ step: 'received' }],
    };
    expect(Object.keys(told).toSorted()).toEqual(SERVICES.toSorted());
    for (const service of SERVICES)
      for (const word of told[service] ?? [])
        await waitFor(
          `a line of ${service}`,
          async () =>
            toldBy(service).some((line) => expect.objectContaining(word).asymmetricMatch(line)) || undefined,
        );
    const hashes = new Set(SERVICES.flatMap((service) => toldBy(service).map(({ hash }) => hash)));
    expect([...hashes]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
    // Of addresses there are only those of this network's own services.
    for (const service of SERVICES)
      expect(readFileSync(paths.logFile(net.home.dir, service), 'utf8')).not.toMatch(
        /example\.net|https?:(?!\/\/127\.0\.0\.1:)/,
      );
  });

  it('reads that an emergency went ahead of what waits for the gate', async () => {
    const counted = async () => (await ask('gate.de', '/metrics')).text;
    expect(await counted()).not.toContain('queue="emergency"');
    const { id } = await net.client('hotline.de').send(phishingNotice('isp.fr'));
    await arrived(net, 'hotline.de', id);
    await waitFor('it to be counted', async () =>
      /entente_gate_handling_seconds_count\{queue="emergency"\} [1-9]/.test(await counted())
        ? true
        : undefined,
    );
  });

  it('reads no id, no address and no content in what is counted', async () => {
    for (const service of SERVICES) {
      const { text } = await ask(service, '/metrics');
      expect(text).not.toMatch(/[0-9a-f]{32}|example\.net|hotline\.|isp\./);
    }
  });

  it('reads that each counterpart answers, how soon, and that its clock agrees', async () => {
    const found = await waitFor('an answer from FR', async () => {
      const { counterparts } = JSON.parse((await ask('gate.de', '/counterparts')).text) as {
        counterparts: { nation: string; answeredAt: string | null; clockAheadMs: number }[];
      };
      return counterparts.find(({ answeredAt }) => answeredAt !== null);
    });
    expect(found.nation).toBe('FR');
    expect(Math.abs(found.clockAheadMs)).toBeLessThan(60_000);
    expect((await ask('gate.de', '/metrics')).text).toMatch(
      /entente_gate_counterpart_silent_seconds\{nation="FR"\} \d/,
    );
  });

  it('asks the doctor, who finds nothing bad in a network that works', async () => {
    for (const monitor of ['monitor.de', 'monitor.fr'])
      await waitFor(`${monitor} to have looked`, async () =>
        (await ask(monitor, '/health/ready')).status === 200 ? true : undefined,
      );
    let found: readonly Finding[] = [];
    // It waits for no answer longer than three seconds: on a busy machine it is asked again.
    await waitFor('nothing bad', async () => {
      // The oldest server that works has known advisories: for trying only, and said so.
      found = (await examined('--home', net.home.dir)).filter(({ what }) => what !== 'NATS version');
      return found.length === 0 || undefined;
    }).catch(() => undefined);
    expect(found).toEqual([]);
  });

  it('and finds what is wrong, all of it, and says what to do', async () => {
    const file = join(net.home.dir, 'edge.env');
    const secret = paths.secret(net.home.dir, 'isp.fr', 'http.token');
    const strange = paths.secret(net.home.dir, 'hotline.fr', 'sign.key');
    const settings = {
      ...{ MEMBER: 'isp.fr', PROFILE: 'live', NATS_URL: 'nats://10.0.0.1:4222', SIGN_KEY_FILE: strange },
      ...{ DIRECTORY_DIR: paths.directory(net.home.dir), ANCHORS_FILE: paths.anchors(net.home.dir) },
      ...{ HTTP_TOKEN_FILE: secret, DATA_DIR: join(net.home.dir, 'nowhere'), OPERATION_PORT: '9' },
    };
    writeFileSync(
      file,
      Object.entries(settings)
        .map(([name, value]) => `ENTENTE_${name}=${value}\n`)
        .join(''),
    );
    chmodSync(secret, 0o644);
    try {
      const found = await examined('--env', file);
      const said = Object.fromEntries(
        found.map(({ what, detail }) => [what.replace(/^key .*/, 'key'), detail]),
      );
      expect(said).toMatchObject({
        HTTP_TOKEN_FILE: expect.stringContaining('chmod 600'),
        DATA_DIR: expect.stringContaining('is not there'),
        'NATS server': expect.stringContaining('tls://'),
        key: expect.stringMatching(/not in the directory/),
        health: expect.stringContaining('port 9'),
      });
    } finally {
      chmodSync(secret, 0o600);
    }
    // Words of the service itself, about what it would refuse to start with.
    const wrong = ['ENTENTE_NATION=Germany', 'ENTENTE_PROFILE=life', 'ENTENTE_FOO=1', 'ENTENTE_REPLICAS=1'];
    const collector = 'OTEL_EXPORTER_OTLP_ENDPOINT=http://elsewhere.example';
    writeFileSync(file, `${[...wrong, collector].join('\n')}\n`);
    const asked = await examined('--env', file);
    expect(
      asked.flatMap(({ what, state, detail }) => (what === 'settings' ? [[state, detail]] : [])),
    ).toEqual(
      expect.arrayContaining([
        ['bad', 'ENTENTE_NATION must be two capitals like DE'],
        ['bad', 'ENTENTE_PROFILE must be one of test, live'],
        ['bad', 'ENTENTE_FOO is not a setting of this service'],
        ['bad', 'ENTENTE_MEMBER_RATE is missing'],
        ['bad', expect.stringContaining('OTEL_EXPORTER_OTLP_ENDPOINT must be')],
      ]),
    );
    const right = processSpecs(net.home, 'nats-server')
      .flat()
      .find(({ name }) => name === 'gate.de');
    const lines = Object.entries(right?.env ?? {}).map(([name, value]) => `${name}=${value}\n`);
    // What is for Node.js stands in the same file, which is read as systemd reads it.
    const others = ['# a comment', '; another', '', '  NODE_EXTRA_CA_CERTS = "/nowhere/ca.pem" ', ''];
    writeFileSync(file, others.join('\n') + lines.join(''));
    const toStart = await examined('--env', file);
    expect(toStart.filter(({ what }) => what === 'settings')).toEqual([]);
    expect(toStart).toContainEqual(expect.objectContaining({ what: 'NODE_EXTRA_CA_CERTS', state: 'bad' }));
    writeFileSync(file, 'MEMBER=isp.fr\n');
    expect(await runProgram(['doctor', '--env', file])).toBe(2);
  });

  it('stops the exchange with a nation within seconds, and lets it go on', async () => {
    const peer = (verb: string) => ['peer', verb, 'FR', '--nation', 'DE', '--home', net.home.dir];
    const outcomeOf = async () => {
      const { id } = await net.client('hotline.de').send(notice('isp.fr'));
      const { outcome, code } = await ended(net, id, 'hotline.de');
      return `${outcome} ${code}`;
    };
    const part = join(paths.directory(net.home.dir), 'de.part');
    const first = readFileSync(part);
    // It is in effect once the command has ended.
    expect(await runProgram(peer('suspend'))).toBe(0);
    expect((await ask('gate.de', '/counterparts')).text).not.toContain('FR');
    expect(printed.text).toContain('In effect at the gate http');
    expect(await outcomeOf()).toBe('refused no-counterpart');
    expect(await runProgram(peer('suspend'))).toBe(2);
    expect(await runProgram(peer('resume'))).toBe(0);
    await waitFor('a message to pass again', async () =>
      (await outcomeOf()) === 'delivered ' ? true : undefined,
    );
    // From a copy that lay about a version is made which every gate has seen already: nothing was suspended.
    const now = readFileSync(part);
    writeFileSync(part, first);
    printed.text = '';
    expect(await runProgram([...peer('suspend'), '--wait', '2'])).toBe(1);
    expect(printed.text).toContain('NOT in effect at the gate http');
    expect(await outcomeOf()).toBe('delivered ');
    writeFileSync(part, now);
  });

  it('reads what a service lacks while it lacks it', async () => {
    await net.network.kill('nats.fr');
    const lacking = await waitFor('the edge to miss its server', async () => {
      const { status, text } = await ask('isp.fr', '/health/ready');
      return status === 503 ? (JSON.parse(text) as object) : undefined;
    });
    expect(lacking).toEqual({ ok: false, needs: { nation: false, clock: true, room: true } });
    expect(await ask('isp.fr', '/health/live')).toMatchObject({ status: 200 });
    await net.network.restart('nats.fr');
    await waitFor('the edge to be ready again', async () =>
      (await ask('isp.fr', '/health/ready')).status === 200 ? true : undefined,
    );
  });
});
