import { type SchemaFault, sayFault } from '@entente/contract';

export const SEND_JSON = 'Send one JSON object, with the header "Content-Type: application/json".';

/** What is wrong with a request before it is looked into. @param part `body`, `params`, `querystring`, `headers` */
export function sayInvalid(faults: readonly SchemaFault[], part: string): Error {
  const isNoObject = faults.some(({ keyword, instancePath }) => keyword === 'type' && instancePath === '');
  if (part === 'body' && isNoObject) return new Error(SEND_JSON);
  return new Error(faults.map((fault) => sayFault(fault, { root: part, isToAuthor: true })).join('; '));
}
