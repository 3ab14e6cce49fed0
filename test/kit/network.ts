import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type EdgeClient,
  edgeClient,
  examplePlan,
  makeHome,
  type Network,
  type NetworkHome,
  type NetworkPlan,
  type ProcessSpec,
  startNetwork,
} from '@entente/cli';

/** Authorities have to say why. */
export const TEST_WHY = 'a test of this network';

export interface TestNetwork {
  readonly home: NetworkHome;
  readonly network: Network;
  /** Names of processes that are gone although nobody has stopped the network. */
  readonly ended: readonly string[];
  readonly client: (member: string) => EdgeClient;
  readonly stop: () => Promise<void>;
}

/** Two nations with a hotline and a provider each: the smallest network with a border. */
export function smallPlan(): NetworkPlan {
  const { name, nations } = examplePlan();
  const small = nations.slice(0, 2).map(({ code, members }) => ({
    code,
    members: members.filter(({ types }) => !types.includes('ministry')),
  }));
  return { name, nations: small };
}

/** How soon an edge answers is not what is tested, and the machine may be busy. */
const ANSWER_WITHIN_MS = 60_000;

/** How each process of a home is started; called when the home is made and nothing runs. */
type Adapt = (home: NetworkHome) => Promise<(spec: ProcessSpec) => ProcessSpec>;

/**
 * Real processes in a temporary folder, on free ports.
 * @param silent members whose edges, and nations of which nothing, is started: a test takes their place, or nobody does
 * @param onStopped called when nothing runs any more and the folder is still there
 */
export async function startTestNetwork(
  plan: NetworkPlan = smallPlan(),
  silent: readonly string[] = [],
  adapt: Adapt = async () => (spec) => spec,
  onStopped: () => void = () => undefined,
): Promise<TestNetwork> {
  const dir = mkdtempSync(join(tmpdir(), 'entente-test-'));
  const home = await makeHome(dir, plan, Date.now());
  const nations = home.nations
    .filter(({ code }) => !silent.includes(code))
    .map((nation) => ({ ...nation, members: nation.members.filter(({ id }) => !silent.includes(id)) }));
  const ended: string[] = [];
  const network = await startNetwork(
    { ...home, nations },
    { onEnded: (name) => void ended.push(name) },
    await adapt(home),
  );
  return {
    home,
    network,
    ended,
    client: (member) => edgeClient(home, member, { justification: TEST_WHY }, ANSWER_WITHIN_MS),
    stop: async () => {
      await network.stop();
      onStopped();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
