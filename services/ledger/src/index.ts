export { askOthers } from './ask-others.js';
export { LEDGER_SETTINGS } from './config.js';
export { createLedger, type LedgerDeps } from './ledger.js';
export { openStore, SCHEMA } from './store.js';
