export { findMissing, type Proof, prove } from './prove.js';
export { proveDay, type WholeProof } from './prove-whole.js';
export { seeded } from './seeded.js';
export { type Point, type Space, spaceOf } from './space-of.js';
export { EXISTENCES, STATEMENTS } from './statements.js';
