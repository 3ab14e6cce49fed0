export { type DayRegions, partDay } from './day-regions.js';
export { describe } from './find-counterexample.js';
export { findMissing, type Proof, prove } from './prove.js';
export { compareWithEngine, findBreach, proveDay, type WholeProof } from './prove-whole.js';
export { seeded } from './seeded.js';
export { type Point, type Space, spaceOf } from './space-of.js';
export { EXISTENCES, STATEMENTS } from './statements.js';
