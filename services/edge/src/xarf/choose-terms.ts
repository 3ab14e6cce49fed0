import { HANDLING, type Handling, Rejection } from '@entente/contract';
import type { Findings } from './collect-findings.js';
import type { Converted } from './converted.js';

/** Who gets it, and what a XARF report cannot say: in which roles, and what is asked. */
export interface XarfRouting {
  readonly to: string;
  readonly toRole: string;
  readonly fromRole: string;
  /** `assess`, `inform`, `remove` or `block`; without it, what such a report asks of such a recipient. */
  readonly action?: string;
  readonly expiresInHours?: number;
}

export interface Terms {
  readonly action: string;
  readonly force: 'notice';
  readonly purpose: string;
  readonly legal_basis: readonly string[];
  readonly handling: Handling;
  readonly urgency: string;
  readonly retention_days: number;
  readonly necessity: string;
}

type About = Converted['about'];

const HOSTS = ['hosting', 'platform', 'cdn'];
const RETENTION_DAYS: Readonly<Record<string, number>> = { csam: 90, fraud: 90, phishing: 30, malware: 30 };

/**
 * XARF says what happened, not what is asked, why it may be sent and how long it may be kept. A XARF report is a notice, never an order.
 * @throws Rejection `content-invalid` for an action that needs more than a XARF report says
 */
export function chooseTerms(
  category: string,
  about: About,
  routing: XarfRouting,
  tags: readonly string[],
  findings: Findings,
): Terms {
  const action = actionOf(about, routing, findings);
  return {
    action,
    force: 'notice',
    purpose: purposeOf(category, action, routing.toRole),
    legal_basis: legalBasisOf(action, routing),
    handling: handlingOf(tags),
    urgency: category === 'csam' ? 'urgent' : 'routine',
    retention_days: about === 'line' ? 14 : (RETENTION_DAYS[category] ?? 30),
    necessity: necessityOf(action, about, routing.toRole),
  };
}

/** By notice, a hotline asks for a removal, and of someone who can remove a single page. An authority orders; one provider informs another. */
function actionOf(about: About, { toRole, fromRole, action }: XarfRouting, findings: Findings): string {
  if (action !== undefined) {
    if (['assess', 'inform', 'remove', 'block'].includes(action)) return action;
    throw new Rejection(
      'content-invalid',
      'the action for a XARF report must be one of assess, inform, remove, block; for any other write a referral, which says what a XARF report cannot',
    );
  }
  if (about !== 'content') return 'inform';
  if (fromRole === 'hotline' && (toRole === 'hotline' || HOSTS.includes(toRole))) return 'remove';
  findings.say('action: sent to inform; if you ask for a removal, say so with the action "remove"');
  return 'inform';
}

function purposeOf(category: string, action: string, toRole: string): string {
  if (toRole === 'police' || toRole === 'prosecutor') return 'investigation';
  if (category === 'phishing' || category === 'malware') return 'network-security';
  return category === 'fraud' && action === 'inform' ? 'network-security' : 'removal';
}

/** Public authorities cannot claim a legitimate interest (GDPR art. 6(1), last sentence). DSA art. 16 is about notices to who stores content. */
function legalBasisOf(action: string, { fromRole, toRole }: XarfRouting): string[] {
  const isNotice = action === 'remove' && HOSTS.includes(toRole);
  return [...[LEGAL_BASES[fromRole] ?? 'gdpr-6-1-f'], ...(isNotice ? ['dsa-16'] : [])];
}

const LEGAL_BASES: Readonly<Record<string, string>> = {
  police: 'led-8',
  prosecutor: 'led-8',
  court: 'led-8',
  ministry: 'gdpr-6-1-e',
  regulator: 'gdpr-6-1-e',
};

/** A reporter's own marking counts where it is stricter. The list begins with the strictest. */
function handlingOf(tags: readonly string[]): Handling {
  const marked = tags
    .map((tag) => HANDLING.findIndex((word) => word.toLowerCase() === tag))
    .filter((index) => index >= 0);
  return HANDLING[Math.min(...marked, HANDLING.indexOf('TLP:AMBER'))] ?? 'TLP:RED';
}

function necessityOf(action: string, about: About, toRole: string): string {
  if (about === 'line') {
    return 'Only the provider knows whose line this was at that time, can warn the customer and help to clean the machine.';
  }
  if (action === 'block') return 'The recipient can keep its customers from reaching these addresses.';
  if (action === 'assess')
    return 'The recipient can judge this under the law of its own country and needs the exact address to look.';
  if (toRole === 'hotline')
    return 'The recipient can judge this under the law of its own country and reach the host there.';
  if (about === 'server') return 'The recipient can reach the owner of the machine, who has to clean it.';
  if (action === 'remove')
    return 'The recipient stores or delivers this and needs the exact address to find and remove it.';
  return 'The recipient needs the exact address to find this and to decide what its own duties ask for.';
}
