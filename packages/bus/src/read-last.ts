import { BusError } from './error.js';
import { infoUnlessMissing, isObject } from './js-api.js';
import { checkStreamName, checkSubject } from './names.js';
import type { Replies } from './replies.js';

/**
 * The last message that a stream holds on a subject; none if there is none, or no such stream.
 * @throws BusError `bad-answer`, or what `jsApi` throws
 */
export async function readLast(
  replies: Replies,
  stream: string,
  subject: string,
): Promise<Uint8Array | undefined> {
  const api = `STREAM.MSG.GET.${checkStreamName(stream)}`;
  const answer = await infoUnlessMissing(replies, api, { last_by_subj: checkSubject(subject) });
  if (!answer) return undefined;
  const { message } = answer;
  if (!isObject(message) || message.subject !== subject)
    throw new BusError('bad-answer', `${api}: no message`);
  // The server leaves out what is empty.
  return Buffer.from(typeof message.data === 'string' ? message.data : '', 'base64');
}
