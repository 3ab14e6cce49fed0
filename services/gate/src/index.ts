export { GATE_SETTINGS } from './config.js';
export { createGate } from './gate.js';
export { createMeter } from './meter.js';
export { followPacks } from './packs.js';
export { isFault } from './refuse-poison.js';
export type { GateDeps } from './state.js';
