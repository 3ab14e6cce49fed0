import { setTimeout as delay } from 'node:timers/promises';
import { clusterPlan, type NetworkHome, type NetworkPlan } from '@entente/cli';
import { waitFor } from './wait.js';

/** Two nations, of which DE is on a cluster: the smallest network in which one process of each kind can be lost. */
export function smallClusterPlan(): NetworkPlan {
  const { name, nations } = clusterPlan();
  const small = nations.slice(0, 2).map((nation) => ({
    ...nation,
    members: nation.members.filter(({ types }) => !types.includes('ministry') && !types.includes('auditor')),
  }));
  return { name, nations: small };
}

interface ServerState {
  /** As `leader` names it. */
  readonly server: string;
  readonly streams: readonly StreamState[];
}

interface StreamState {
  readonly name: string;
  readonly cluster?: {
    readonly leader?: string;
    readonly replicas?: readonly { readonly current: boolean; readonly offline?: boolean }[];
  };
}

/** The process name of the server that leads a stream of the nation's cluster now. */
export async function leaderOf(home: NetworkHome, nation: string, stream: string): Promise<string> {
  return await waitFor(`a leader of ${stream}`, async () => {
    for (const { streams } of await statesOf(home, nation)) {
      const leader = streams.find(({ name }) => name === stream)?.cluster?.leader;
      if (leader)
        return leader.replace(`nation-${nation}`, `nats.${nation.toLowerCase()}`).replace(/-/g, '.');
    }
    return undefined;
  });
}

/** Until every stream has its leader and three copies that are up to date: before that, losing one more server is another fault. */
export async function untilWhole(home: NetworkHome, nation: string, streamCount: number): Promise<void> {
  await waitFor(
    'three copies of every stream',
    async () => {
      const servers = await statesOf(home, nation);
      // Only who leads a stream knows how far the others are.
      const led = servers.flatMap(({ server, streams }) =>
        streams.filter(({ cluster }) => cluster?.leader === server),
      );
      const isWhole =
        servers.every(({ streams }) => streams.length === streamCount) &&
        led.length === streamCount &&
        led.every(
          ({ cluster: { replicas = [] } = {} }) =>
            replicas.length === 2 && replicas.every(({ current, offline }) => current && offline !== true),
        );
      if (servers.length === 3 && isWhole) return true;
      await delay(250);
      return undefined;
    },
    240_000,
  );
}

/** What each server of the cluster says of its streams; one that does not answer says nothing. */
async function statesOf(home: NetworkHome, nation: string): Promise<ServerState[]> {
  const servers = home.nations.find(({ code }) => code === nation)?.cluster?.servers ?? [];
  const answers = servers.map(async ({ statusPort }, i) => {
    const response = await fetch(`http://127.0.0.1:${statusPort}/jsz?accounts=1&streams=1`, {
      signal: AbortSignal.timeout(5000),
    });
    const { account_details: accounts = [] } = (await response.json()) as {
      readonly account_details?: readonly { readonly stream_detail?: readonly StreamState[] }[];
    };
    const server = i === 0 ? `nation-${nation}` : `nation-${nation}-${i + 1}`;
    return { server, streams: accounts.flatMap(({ stream_detail: streams = [] }) => streams) };
  });
  return (await Promise.allSettled(answers)).flatMap((answer) =>
    answer.status === 'fulfilled' ? [answer.value] : [],
  );
}
