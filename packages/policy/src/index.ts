export type { Crossing, Party } from './crossing.js';
export { decide } from './decide.js';
export { PolicyError, type PolicyErrorCode } from './error.js';
export { loadPack } from './load-pack.js';
export type { Pack } from './pack.js';
export { packsDir } from './packs-dir.js';
export type { Rule } from './read-rules.js';
export type { Tables } from './table-shapes.js';
export type { Verdict } from './verdict.js';
