/**
 * A ledger answers from its database: records that it has just erased are gone before its checkpoint and tiles show the entry that says
 * so, by a tenth of a second where one batch follows the other (docs/log-format.md). Whoever looks for that entry waits so long.
 */
export const FILES_BEHIND_MS = 250;
