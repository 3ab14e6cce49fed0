export { GATE_SETTINGS } from './config.js';
export { createGate } from './gate.js';
export type { GateDeps } from './state.js';
