import { type Category, Rejection } from '@entente/contract';
import { convertCompromise } from './convert-compromise.js';
import { convertCsam } from './convert-csam.js';
import { convertFraud } from './convert-fraud.js';
import { convertInfection } from './convert-infection.js';
import { convertMalware } from './convert-malware.js';
import { convertPhishing } from './convert-phishing.js';
import { convertServer } from './convert-server.js';
import type { Convert } from './converted.js';

export interface CarriedType {
  readonly category: Category;
  readonly convert: Convert;
}

/** XARF has no type for hate speech and none for terrorist content. */
export const CARRIED_TYPES: Readonly<Record<string, CarriedType>> = Object.freeze({
  'content/csam': { category: 'csam', convert: convertCsam },
  'content/csem': { category: 'csam', convert: convertCsam },
  'content/phishing': { category: 'phishing', convert: convertPhishing },
  'content/fraud': { category: 'fraud', convert: convertFraud },
  'content/malware': { category: 'malware', convert: convertMalware },
  'content/remote_compromise': { category: 'malware', convert: convertCompromise },
  'infrastructure/compromised_server': { category: 'malware', convert: convertServer },
  'connection/infected_host': { category: 'malware', convert: convertInfection },
  'infrastructure/botnet': { category: 'malware', convert: convertInfection },
});

/**
 * What becomes of a type of XARF report.
 * @throws Rejection `type-not-carried`
 */
export function carryType(category: string, type: string): CarriedType {
  const name = `${category}/${type}`;
  const carried = Object.hasOwn(CARRIED_TYPES, name) ? CARRIED_TYPES[name] : undefined;
  if (carried) return carried;
  throw new Rejection(
    'type-not-carried',
    `Reports of the type ${name} are not carried by this network. It carries reports of child sexual abuse, phishing, fraud, malware, infected machines and servers broken into: ${Object.keys(CARRIED_TYPES).join(', ')}. Send this one by your usual channel.`,
  );
}
