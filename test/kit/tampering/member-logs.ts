import type { Row } from './row.js';

/** What is done to what a member keeps: its log of accesses, and the anchors of that in the nation's log. */
export const MEMBER_ROWS = [
  {
    change: "an entry of a member's access log changed, slipped in or swapped",
    finds: ['entry-changed'],
    by: '`entente access verify`',
    test: 'services/cli/src/history/verify-access.test.ts',
  },
  {
    change: "a member's entry of an erasure changed",
    finds: ['entry-changed'],
    by: '`entente access verify`',
    test: 'test/flow/erasure.test.ts',
  },
  {
    change: "a member's legal hold laid or lifted in its database, past its edge",
    finds: ['found in the database'],
    by: 'the edge, in its access log',
    test: 'services/edge/src/set-legal-hold.test.ts',
  },
  {
    change: "the time of a member's content shortened or prolonged in its database",
    finds: ['changed in the database'],
    by: 'the edge, in its access log, when the content goes',
    test: 'services/edge/src/end-retention.test.ts',
  },
  {
    change: 'an entry taken out of an access log',
    finds: ['entry-missing'],
    by: '`entente access verify`',
    test: 'services/cli/src/history/verify-access.test.ts',
  },
  {
    change: 'entries of an access log erased before their time, or with none that says so',
    finds: ['erased-early', 'erased-without-entry'],
    by: '`entente access verify`',
    test: 'services/cli/src/history/verify-access.test.ts',
  },
  {
    change: 'an access log cut off behind an anchor',
    finds: ['entries-missing'],
    by: '`entente access verify`',
    test: 'services/cli/src/history/verify-access.test.ts',
  },
  {
    change: "an entry since the last anchor changed, or the end cut off, but not the edge's own sum",
    finds: ['head-differs'],
    by: '`entente access verify`',
    test: 'services/cli/src/history/verify-access.test.ts',
  },
  {
    change: 'an access log of which nothing went on record',
    finds: ['not-anchored'],
    by: '`entente access verify`',
    test: 'services/cli/src/history/verify-access.test.ts',
  },
  {
    change: 'an anchor left out: a day that is over did not go on record',
    finds: ['anchor-missing'],
    by: '`entente access verify`',
    test: 'services/cli/src/history/verify-access.test.ts',
  },
  {
    change: 'an access log that is shorter than its last anchor',
    finds: ['access-log-shrank'],
    by: '`entente audit replay`',
    test: 'services/cli/src/history/check-anchor.test.ts',
  },
  {
    change: 'an access log written anew since its last anchor',
    finds: ['access-log-rewritten'],
    by: '`entente audit replay`',
    test: 'services/cli/src/history/check-anchor.test.ts',
  },
  {
    change: 'an anchor that does not continue the last one',
    finds: ['access-log-unproved'],
    by: '`entente audit replay`',
    test: 'services/cli/src/history/check-anchor.test.ts',
  },
  {
    change:
      'an anchor logged once more, after it was refused, or too late, so that its member seems to have gone back',
    finds: ['id-reused', 'expired'],
    by: '`entente audit replay`',
    test: 'services/cli/src/history/forged-words.test.ts',
  },
] as const satisfies readonly Row[];
