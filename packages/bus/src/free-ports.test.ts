import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { freePorts } from './free-ports.js';

const COUNT = 40;
const CHILDREN = 4;

/** Another process that looks for ports, and stays. */
async function portsElsewhere() {
  const url = new URL('../dist/free-ports.js', import.meta.url).href;
  const code = `import { freePorts } from '${url}'; process.send(await freePorts(${COUNT})); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [ports] = (await once(child, 'message')) as [number[]];
  return { child, ports };
}

it('a block that another process has claimed is left to it', async () => {
  const block = 10_000 + (process.pid % 50) * 400;
  const other = createServer().listen(block, '127.0.0.1');
  // Somebody else's already: as good.
  await once(other, 'listening').catch(() => undefined);
  const [port = 0] = await freePorts(1);
  expect(Math.floor((port - 10_000) / 400)).not.toBe(process.pid % 50);
  other.close();
});

it('no two processes look for ports in the same place, and none keeps one that has ended from ending', async () => {
  const others = await Promise.all(Array.from({ length: CHILDREN }, portsElsewhere));
  try {
    const all = [await freePorts(COUNT), await freePorts(COUNT), ...others.map(({ ports }) => ports)].flat();
    expect(new Set(all).size).toBe((CHILDREN + 2) * COUNT);
    const blocks = others.map(({ ports }) => Math.floor((ports[0] ?? 0) / 400));
    expect(new Set(blocks).size).toBe(CHILDREN);
  } finally {
    for (const { child } of others) child.kill('SIGKILL');
  }
});
