/** The caller asked for something that cannot be: exit code 2, and what to do instead. */
export class UsageError extends Error {}

/** The answer is no: exit code 1. It was printed already. */
export class AnswerIsNo extends Error {}
