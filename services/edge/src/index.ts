export { isFault } from './accept-passage.js';
export { EDGE_SETTINGS } from './config.js';
export { createEdge, type EdgeOptions } from './edge.js';
export { createMeter } from './meter.js';
export type { EdgeDeps } from './state.js';
export { openEdgeStore } from './store.js';
