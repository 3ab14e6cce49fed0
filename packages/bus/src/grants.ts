import { checkNation, checkToken } from './names.js';

/** What one NATS user may do; whatever is not listed is denied. */
export interface Grants {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
  /** May answer each request it receives, once, wherever the request says. */
  readonly respond?: boolean;
}

// INVARIANT: nobody holds `$JS.>`, and nobody may delete or purge a stream. On servers before 2.10.27 the
// former reaches streams of other accounts (GHSA-fhg8-qxh5-7q3w).

export const inboxPrefix = (token: string): string => `_INBOX_${token}`;

/** The stream that holds what is to be delivered to one member. Its one durable consumer is named as the member. */
export const inStream = (token: string): string => `IN_${token}`;

/** The same for what is of an emergency. */
export const inEmergencyStream = (token: string): string => `IN_EMERGENCY_${token}`;

const inStreams = (token: string): string[] => [inStream(token), inEmergencyStream(token)];

/**
 * A member sends on its own subjects, asks its gate, and reads its own streams. `token`: its id, `.` written `_`.
 *
 * INVARIANT: streams of its own. Of a work queue that two consumers share, either can have any message removed: the
 * server takes the number in an acknowledgement as it comes, whether or not that message was delivered there.
 */
export function memberGrants(token: string): Grants {
  checkToken(token);
  return {
    publish: [
      `edge.out.${token}`,
      `edge.emergency.${token}`,
      `gate.preflight.${token}`,
      ...inStreams(token).flatMap((stream) => readConsumer(stream, token)),
    ],
    subscribe: [`${inboxPrefix(token)}.>`],
  };
}

/** The stream in which a gate keeps what waits for a release; nobody else can read or write it. */
export const HELD_STREAM = 'HELD';

/** The gate within its nation: owns the streams, reads OUT and EMERGENCY, delivers, asks the ledger, keeps what is held. */
export function gateGrants(members: readonly string[]): Grants {
  return {
    publish: [
      'edge.in.*',
      'edge.in-emergency.*',
      'ledger.append',
      'gate.held.*',
      `$JS.API.STREAM.MSG.GET.${HELD_STREAM}`,
      ...['OUT', 'EMERGENCY', HELD_STREAM, ...members.flatMap(inStreams)].flatMap(ownStream),
      ...['OUT', 'EMERGENCY', ...members.flatMap(inStreams)].map(removeStream),
      ...['OUT', 'EMERGENCY'].flatMap((stream) => readConsumer(stream, 'gate')),
    ],
    subscribe: [`${inboxPrefix('gate')}.>`, 'gate.preflight.*'],
    respond: true,
  };
}

/**
 * The ledger answers appends. At a server of a cluster it asks whether that has its leader, which nobody else tells it; the answer also says how
 * many streams the account has, and how much they hold.
 */
export function ledgerGrants({ isOfCluster }: { readonly isOfCluster: boolean }): Grants {
  return {
    publish: isOfCluster ? ['$JS.API.INFO'] : [],
    subscribe: ['ledger.append', `${inboxPrefix('ledger')}.>`],
    respond: true,
  };
}

/** The streams of the account that faces the interconnect. */
const CROSS_STREAMS = ['CROSS', 'CROSS_EMERGENCY'] as const;

/** The gate's second user, in that account. */
export function gateCrossGrants(nation: string): Grants {
  checkNation(nation);
  return {
    publish: [
      ...crossingsFrom(nation),
      ...CROSS_STREAMS.flatMap((stream) => [
        ...ownStream(stream),
        removeStream(stream),
        ...readConsumer(stream, 'gate'),
      ]),
    ],
    subscribe: [`${inboxPrefix('gate')}.>`, `_R.${nation}.>`],
  };
}

/** What an interconnect lets one nation's server send (`publish`) and ask for (`subscribe`). */
export function leafGrants(nation: string): Grants {
  checkNation(nation);
  return {
    publish: [...crossingsFrom(nation), `_R.*.${nation}.>`],
    subscribe: [`cross.${nation}.>`, `cross-emergency.${nation}.*`, `_R.${nation}.>`],
  };
}

const crossingsFrom = (nation: string): string[] => [`cross.*.${nation}.>`, `cross-emergency.*.${nation}`];

function readConsumer(stream: string, durable: string): string[] {
  return [`$JS.API.CONSUMER.MSG.NEXT.${stream}.${durable}`, `$JS.ACK.${stream}.${durable}.>`];
}

/** What is in transit is sent again if it is lost: a stream that cannot be read any more is made anew. What is held is not. */
const removeStream = (stream: string): string => `$JS.API.STREAM.DELETE.${stream}`;

function ownStream(stream: string): string[] {
  return [
    `$JS.API.STREAM.INFO.${stream}`,
    `$JS.API.STREAM.CREATE.${stream}`,
    `$JS.API.STREAM.UPDATE.${stream}`,
    `$JS.API.CONSUMER.INFO.${stream}.*`,
    `$JS.API.CONSUMER.CREATE.${stream}.>`,
    `$JS.API.CONSUMER.DELETE.${stream}.*`,
  ];
}
