export type { Anchors, AnchorsFile } from './anchors.js';
export { loadAnchors } from './anchors.js';
export { checkInspector } from './check-inspector.js';
export type { DatedPack, Span } from './date-pack.js';
export { datePack } from './date-pack.js';
export type { Directory, Member, Nation } from './directory.js';
export { bundleDirectory, openDirectoryBundle } from './directory-bundle.js';
export { DirectoryError } from './error.js';
export type { DirectoryFollower } from './follow-directory.js';
export { followDirectory } from './follow-directory.js';
export type { Floor, LoadedDirectory } from './load-directory.js';
export {
  agencyKeysOf,
  agencyKidsOf,
  LIST_FILE,
  loadDirectory,
  packFile,
  partFile,
  signedPackFile,
} from './load-directory.js';
export {
  openPack,
  openPart,
  readUnverified,
  signList,
  signPack,
  signPart,
  withEarlierSeals,
} from './signed-part.js';
