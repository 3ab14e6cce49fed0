/** A configuration with every one of its problems, one a line. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The configuration cannot be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** What cannot be done now for a reason that is not in the message: a key that is not there, another service's wrong answer. */
export class NotNow extends Error {
  override readonly name: string = 'NotNow';
}
