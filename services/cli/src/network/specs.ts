import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HomeError, type NationHome, type NetworkHome, nth, paths, witnessName } from './home.js';
import type { ProcessSpec } from './processes.js';

/** Every process of a network, in the order in which they start. The names are the ones that are killed and restarted by. */
export function processSpecs(home: NetworkHome, natsServer: string): ProcessSpec[][] {
  const { nations } = home;
  return [
    [interconnectSpec(home, natsServer)],
    nations.flatMap((nation) => natsSpecs(home, nation, natsServer)),
    nations.map((nation) => ledgerSpec(home, nation)),
    nations.flatMap((nation) => gateSpecs(home, nation)),
    nations.flatMap((nation) => nation.members.map((member) => edgeSpec(home, nation, member))),
    // After the first: which of two works, and which waits, is said by who comes first.
    nations.flatMap((nation) => standbySpecs(home, nation)),
    nations.map((nation) => monitorSpec(home, nation)),
  ].filter((stage) => stage.length > 0);
}

/** @throws HomeError that says how to get one */
export function findNatsServer(): string {
  const named = process.env.NATS_SERVER;
  const places = named
    ? [named]
    : [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin'].map((dir) =>
        join(dir, 'nats-server'),
      );
  const found = places.find((place) => existsSync(place));
  if (!found)
    throw new HomeError(
      'nats-server was not found. Run "npm start" once, which installs it, or set NATS_SERVER to its path.',
    );
  return found;
}

function interconnectSpec({ dir, interconnect }: NetworkHome, natsServer: string): ProcessSpec {
  return natsProcess(dir, 'interconnect', natsServer, paths.interconnectConfig(dir), interconnect.leafPort);
}

function natsSpecs({ dir }: NetworkHome, nation: NationHome, natsServer: string): ProcessSpec[] {
  const { code } = nation;
  return natsPorts(nation).map((port, i) =>
    natsProcess(dir, nth(`nats.${code.toLowerCase()}`, i), natsServer, paths.natsConfig(dir, code, i), port),
  );
}

/** Its heap is small beside what comes and goes: collected when it has grown fivefold a server takes a third less processor time. */
const NATS_ENV = { GOGC: '400', GOMEMLIMIT: '512MiB' };

function natsProcess(dir: string, name: string, command: string, config: string, port: number): ProcessSpec {
  const logFile = paths.logFile(dir, name);
  return { name, command, args: ['-c', config], env: NATS_ENV, logFile, ready: { port } };
}

function ledgerSpec(home: NetworkHome, nation: NationHome, index = 0): ProcessSpec {
  const { dir } = home;
  const { code, origin } = nation;
  const services = `services.${code.toLowerCase()}`;
  return serviceProcess(home, 'ledger', nth(`ledger.${code.toLowerCase()}`, index), {
    NATION: code,
    PROFILE: 'test',
    ORIGIN: origin,
    KEY_FILE: paths.secret(dir, services, 'ledger.key'),
    DATA_DIR: paths.ledger(dir, code),
    RETENTION_DAYS: '1095',
    LOG_RETENTION_DAYS: '3650',
    LOG_PORT: String(home.logPorts?.[code] ?? 0),
    ARCHIVE_DIR: paths.archive(dir, code),
    MONITOR_URLS: monitorUrls(home),
    AUDITOR_TOKEN_FILE: paths.secret(dir, services, 'auditor.token'),
    NATS_URL: natsUrl(nation),
    NKEY_FILE: paths.secret(dir, services, 'ledger.nkey'),
  });
}

/** Every monitor of the network has seen this log, or may have cosigned it. */
function monitorUrls({ witnessPorts = {} }: NetworkHome): string {
  const ports = Object.values(witnessPorts);
  return ports.length === 0 ? 'none' : ports.map((port) => `http://127.0.0.1:${port}`).join(',');
}

/** In a second: more than one machine does. */
const UNLIMITED = '100000';

/** Gates of one nation are alike: the same keys, the same archive on one machine, and nothing that is only in one of them. */
function gateSpecs(home: NetworkHome, nation: NationHome): ProcessSpec[] {
  return Array.from({ length: nation.cluster ? 2 : 1 }, (_, i) => gateSpec(home, nation, i));
}

/** MiB for what is new in its heap: a gate lets go of nearly all that it makes, and looks for what stays half as often then. */
const GATE_HEAP = ['--min-semi-space-size=32', '--max-semi-space-size=32'];

function gateSpec(home: NetworkHome, nation: NationHome, index: number): ProcessSpec {
  const { dir } = home;
  const { code } = nation;
  const services = `services.${code.toLowerCase()}`;
  const spec = serviceProcess(home, 'gate', nth(`gate.${code.toLowerCase()}`, index), {
    NATION: code,
    PROFILE: 'test',
    DIRECTORY_DIR: paths.directory(dir),
    ANCHORS_FILE: paths.anchors(dir),
    PACKS_DIR: paths.packs(dir),
    ARCHIVE_DIR: paths.archive(dir, code),
    QUARANTINE_DIR: paths.quarantine(dir, code),
    QUARANTINE_DAYS: '30',
    KEY_FILE: paths.secret(dir, services, 'gate.key'),
    NATS_URL: natsUrl(nation),
    NKEY_FILE: paths.secret(dir, services, 'gate.nkey'),
    MEMBER_RATE: UNLIMITED,
    REPLICAS: nation.cluster ? '3' : '1',
    CROSS_NKEY_FILE: paths.secret(dir, services, 'gate-cross.nkey'),
  });
  return { ...spec, args: [...GATE_HEAP, ...spec.args] };
}

/** A second ledger, or a second edge of a member, is the same in all: its folder, which only one of them has at a time, and its ports. */
function standbySpecs(home: NetworkHome, nation: NationHome): ProcessSpec[] {
  const { cluster, members } = nation;
  if (!cluster) return [];
  return [
    ledgerSpec(home, nation, 1),
    ...members
      .filter(({ id }) => cluster.standby.includes(id))
      .map((member) => edgeSpec(home, nation, member, 1)),
  ];
}

function edgeSpec(
  home: NetworkHome,
  nation: NationHome,
  { id, httpPort }: NationHome['members'][number],
  index = 0,
): ProcessSpec {
  const { dir } = home;
  return serviceProcess(home, 'edge', nth(id, index), {
    MEMBER: id,
    PROFILE: 'test',
    DIRECTORY_DIR: paths.directory(dir),
    ANCHORS_FILE: paths.anchors(dir),
    SIGN_KEY_FILE: paths.secret(dir, id, 'sign.key'),
    DECRYPT_KEY_FILE: paths.secret(dir, id, 'decrypt.key'),
    PSEUDONYM_KEY_FILE: paths.secret(dir, id, 'pseudonym.key'),
    DATA_DIR: paths.edge(dir, id),
    NATS_URL: natsUrl(nation),
    NKEY_FILE: paths.secret(dir, id, 'nats.nkey'),
    HTTP_PORT: String(httpPort),
    REPORT_RATE: UNLIMITED,
    PROOF_DAYS: '1095',
    ACCESS_DAYS: '1095',
    HTTP_TOKEN_FILE: paths.secret(dir, id, 'http.token'),
  });
}

/** Follows every log of the network where its ledger shows it, and is the witness of its nation for the others. */
function monitorSpec(home: NetworkHome, { code }: NationHome): ProcessSpec {
  const { dir, nations, logPorts = {}, witnessPorts } = home;
  const services = `services.${code.toLowerCase()}`;
  const logs = nations.map((nation) => ({
    ...{ nation: nation.code, origin: nation.origin, vkey: nation.vkey },
    views: [`http://127.0.0.1:${logPorts[nation.code] ?? 0}`],
    auditor_token_file: paths.secret(dir, `services.${nation.code.toLowerCase()}`, 'auditor.token'),
  }));
  mkdirSync(paths.monitor(dir, code), { recursive: true, mode: 0o700 });
  writeFileSync(paths.monitorLogs(dir, code), `${JSON.stringify(logs, null, 2)}\n`);
  return serviceProcess(home, 'monitor', `monitor.${code.toLowerCase()}`, {
    NATION: code,
    LOGS_FILE: paths.monitorLogs(dir, code),
    DATA_DIR: paths.monitor(dir, code),
    SILENCE_MINUTES: '5',
    DIRECTORY_DIR: paths.directory(dir),
    ANCHORS_FILE: paths.anchors(dir),
    WITNESS_NAME: witnessPorts ? witnessName(code) : 'none',
    WITNESS_KEY_FILE: witnessPorts ? paths.secret(dir, services, 'witness.key') : 'none',
    PUBLIC_PORT: String(witnessPorts?.[code] ?? 0),
    TSA_URL: 'none',
    TSA_ROOTS_FILE: 'none',
    STAMP_MINUTES: '60',
    RELAY_HOURS: '12',
  });
}

/** The program of a service is found beside this one: services never import one another. */
export function serviceProgram(service: string): string {
  return fileURLToPath(new URL(`../../../${service}/dist/main.js`, import.meta.url));
}

function serviceProcess(
  { dir, operationPorts = {} }: NetworkHome,
  service: string,
  name: string,
  settings: Record<string, string>,
): ProcessSpec {
  const all = { ...settings, OPERATION_PORT: String(operationPorts[name] ?? 0) };
  const env = Object.fromEntries(Object.entries(all).map(([key, value]) => [`ENTENTE_${key}`, value]));
  return {
    name,
    command: process.execPath,
    args: [serviceProgram(service)],
    env,
    logFile: paths.logFile(dir, name),
    ready: 'message',
  };
}

const natsPorts = ({ natsPort, cluster }: NationHome): number[] =>
  cluster ? cluster.servers.map((server) => server.natsPort) : [natsPort];

function natsUrl(nation: NationHome): string {
  return natsPorts(nation)
    .map((port) => `nats://127.0.0.1:${port}`)
    .join(',');
}
