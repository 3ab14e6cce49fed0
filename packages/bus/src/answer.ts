import type { Msg } from 'nats';
import { readHeaders } from './read-headers.js';

/** The server's own answer when nobody subscribes to the subject: an empty message with status 503. */
export const isNobodyThere = (message: Msg): boolean =>
  message.data.length === 0 && readHeaders(message).status === 503;
