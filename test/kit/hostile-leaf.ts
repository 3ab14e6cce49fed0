import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NetworkHome, paths } from '@entente/cli';
import { openRawNats } from './raw-nats.js';
import { waitFor } from './wait.js';

export type HostileLeaf = Awaited<ReturnType<typeof joinAs>>;

/** A server of the attacker's own, which grants everything to everybody and joins the interconnect with a nation's stolen password. */
export async function joinAs(home: NetworkHome, nation: string) {
  const dir = mkdtempSync(join(tmpdir(), 'entente-leaf-'));
  const config = join(dir, 'nats.conf');
  const leafnodes = { remotes: [{ url: stolenLeafUrl(home, nation) }] };
  writeFileSync(
    config,
    JSON.stringify({ server_name: `hostile-${nation}`, listen: '127.0.0.1:-1', leafnodes }),
  );
  const child = spawn(process.env.NATS_SERVER ?? 'nats-server', ['-c', config], {
    env: { PATH: `${process.env.PATH}:/usr/sbin` },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const killWithUs = () => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  let log = '';
  child.stderr.on('data', (text) => {
    log += text;
  });
  const port = await waitFor('the server of the attacker', async () =>
    log.includes('Leafnode connection created')
      ? /client connections on 127\.0\.0\.1:(\d+)/.exec(log)?.[1]
      : undefined,
  );
  return {
    open: async () => await openRawNats(Number(port)),
    stop: () => {
      process.off('exit', killWithUs);
      killWithUs();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function stolenLeafUrl(home: NetworkHome, nation: string): string {
  const { leafnodes } = JSON.parse(readFileSync(paths.natsConfig(home.dir, nation), 'utf8')) as {
    leafnodes: { remotes: { urls: string[] }[] };
  };
  return leafnodes.remotes[0]?.urls[0] ?? '';
}
