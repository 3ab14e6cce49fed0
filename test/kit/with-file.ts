import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Shows all that the ledger at an address shows, but for one file, at the address that `use` is given. */
export async function withFile(
  address: string,
  path: string,
  body: string,
  use: (base: string) => Promise<void>,
): Promise<void> {
  const server = createServer(async ({ url = '', headers: { authorization = '' } }, response) => {
    const found = await fetch(`${address}${url}`, { headers: { authorization } });
    const bytes = Buffer.from(await found.arrayBuffer());
    response.writeHead(url === `/${path}` ? 200 : found.status).end(url === `/${path}` ? body : bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
