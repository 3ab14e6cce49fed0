import { resolve } from 'node:path';
import { checkAddress, readToken } from '../history/http-files.js';
import { type ClientPerson, type EdgeClient, edgeAt } from '../network/edge-client.js';
import { UsageError } from '../usage.js';

/** An edge that is not of --home. */
export interface EdgeChoice {
  readonly edge?: string;
  /** File of its member's token. */
  readonly edgeToken?: string;
}

/** @throws UsageError where one of the two is named without the other, the address is none, or the token cannot be read */
export async function namedEdge(
  { edge, edgeToken }: EdgeChoice,
  person: ClientPerson,
): Promise<readonly [address: string, client: EdgeClient] | undefined> {
  if (edge === undefined && edgeToken === undefined) return undefined;
  if (edge === undefined || edgeToken === undefined)
    throw new UsageError(
      "Name the address of an edge with --edge, and the file of its member's token with --edge-token.",
    );
  const address = checkAddress(edge);
  return [address, edgeAt(address, await readToken(resolve(edgeToken)), person)];
}
