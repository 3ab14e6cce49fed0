export { findMissing, type Proof, prove } from './prove.js';
export { type Point, type Space, spaceOf } from './space-of.js';
export { EXISTENCES, STATEMENTS } from './statements.js';
