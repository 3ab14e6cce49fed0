import { memberGrants } from './grants.js';
import { user } from './server-options.js';

// INVARIANT: a member has an account of its own, joined to the nation's by exactly the subjects it may publish on.
// JetStream answers wherever a message's reply subject says, in the account it works for, and nobody checks that
// against the permissions of who sent the message. Within one account a member that asks for its next message with
// the reply `$JS.API.STREAM.DELETE.<stream>` deletes that stream: the server publishes the empty answer "no messages"
// there. Between accounts the server puts a reply subject of its own in place of the sender's.

// A few processes, twice while they restart. One member cannot take the connections of the others.
const MOST_CONNECTIONS = 16;

export const memberAccount = (token: string): string => `MEMBER_${token}`;

/** What the nation's account offers to this member's alone. */
export const memberExports = (token: string) =>
  memberGrants(token).publish.map((service) => ({
    service,
    // One request for messages is answered by many.
    ...(service.includes('.MSG.NEXT.') ? { response_type: 'stream' } : {}),
    accounts: [memberAccount(token)],
  }));

export function accountOf({ token, publicKey }: { readonly token: string; readonly publicKey: string }) {
  const grants = memberGrants(token);
  return {
    limits: { max_connections: MOST_CONNECTIONS },
    users: [user(publicKey, grants)],
    imports: grants.publish.map((subject) => ({ service: { account: 'NATION', subject } })),
  };
}
