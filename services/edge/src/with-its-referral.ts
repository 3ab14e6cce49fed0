/**
 * SQL: whether a row of this table may go before others of its case. What was said of a referral goes with it or after it: without a recall
 * it would stand again.
 */
export const goesWithItsReferral = (table: 'received' | 'outbox'): string =>
  `(${table}.update_word = '' OR (
     NOT EXISTS (SELECT 1 FROM received AS r WHERE r.case_id = ${table}.case_id AND r.id = ${table}.in_reply_to)
     AND NOT EXISTS (SELECT 1 FROM outbox AS o WHERE o.id = ${table}.in_reply_to AND o.case_id = ${table}.case_id)))`;
