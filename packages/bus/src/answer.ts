import type { Msg } from 'nats';

/** The server's own answer when nobody subscribes to the subject: an empty message with status 503. */
export const isNobodyThere = (message: Msg): boolean =>
  message.data.length === 0 && statusOf(message) === 503;

/** The status of a message of the server, or 0. */
export const statusOf = ({ headers }: Msg): number => headers?.code ?? 0;
