import { fileURLToPath } from 'node:url';

/** The packs that come with this package: DE, FR, NL, GB, NO, CH, IN. */
export const packsDir: string = fileURLToPath(new URL('../packs', import.meta.url));
