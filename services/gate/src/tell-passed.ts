import { tellTogether } from '@entente/runtime';
import { perGate } from './per-gate.js';
import type { GateDeps } from './state.js';

/** Which messages this gate has decided on, and how: one id follows a message through the logs of all services. */
export const tellPassed = perGate(({ logger }: Pick<GateDeps, 'logger'>) => tellTogether(logger, 'decided'));
