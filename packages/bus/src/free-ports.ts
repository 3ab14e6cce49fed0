import { createServer } from 'node:net';

/** Below the ports that systems give to outgoing connections: one of those may be taken before a server comes to use it. */
const FIRST = 10_000;
const BLOCKS = 50;
const BLOCK_SIZE = 400;

let claimed: Promise<number> | undefined;
let looked = 0;

/**
 * Ports of 127.0.0.1 that are free now, all different, for the servers of a network on one machine. Each process gives out those of a
 * block of its own, so that two that start servers at once do not choose the same, and one that is started again finds its port free;
 * if a port is taken all the same before it is used, the start fails and says so.
 */
export async function freePorts(count: number): Promise<number[]> {
  claimed ??= claimBlock();
  const block = await claimed;
  const ports: number[] = [];
  for (let tried = 0; ports.length < count; tried++) {
    if (tried === BLOCK_SIZE) throw new Error(`there are no ${count} free ports from 127.0.0.1:${block} on`);
    // Counted before it is looked at: who asks meanwhile is given others.
    const port = block + 1 + (looked++ % (BLOCK_SIZE - 1));
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

/** A block is its process's for as long as this listens on its first port: the system ends that with the process. */
async function claimBlock(): Promise<number> {
  for (let tried = 0; tried < BLOCKS; tried++) {
    const block = FIRST + ((process.pid + tried) % BLOCKS) * BLOCK_SIZE;
    if (await listens(block)) return block;
  }
  throw new Error(`${BLOCKS} processes start networks on this machine; stop some of them`);
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy()).unref();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => resolve(true));
  });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
