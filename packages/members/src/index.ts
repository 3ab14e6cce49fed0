export type { Anchors, AnchorsFile } from './anchors.js';
export { loadAnchors } from './anchors.js';
export type { Directory, Member, Nation } from './directory.js';
export { DirectoryError } from './error.js';
export type { DirectoryFollower } from './follow-directory.js';
export { followDirectory } from './follow-directory.js';
export type { Floor, LoadedDirectory } from './load-directory.js';
export { LIST_FILE, loadDirectory, partFile } from './load-directory.js';
export { openList, openPart, signList, signPart } from './signed-part.js';
