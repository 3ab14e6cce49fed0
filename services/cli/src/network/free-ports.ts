import { createServer } from 'node:net';

/** Below the ports that systems give to outgoing connections: one of those may be taken before a server comes to use it. */
const FIRST = 10_000;
const BLOCKS = 50;
const BLOCK_SIZE = 400;

let claimed: Promise<number> | undefined;
let looked = 0;

/**
 * Ports of 127.0.0.1 that are free now, all different. Each process gives out those of a block of its own, so that two that start
 * networks at once do not choose the same; if a port is taken all the same before it is used, the start fails and says so.
 */
export async function freePorts(count: number): Promise<number[]> {
  claimed ??= claimBlock();
  const block = await claimed;
  const ports: number[] = [];
  for (const end = looked + BLOCK_SIZE; ports.length < count; looked++) {
    if (looked === end) throw new Error(`there are no ${count} free ports from 127.0.0.1:${block} on`);
    const port = block + 1 + (looked % (BLOCK_SIZE - 1));
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
