/**
 * - `pack-missing`    a folder or file that every pack has is not there
 * - `pack-untidy`     a file that would be left out silently, or is not UTF-8
 * - `pack-malformed`  a bundle that is not one pack of this nation
 * - `engine-other`    a bundle that was validated with another engine than the one that runs
 * - `schema-invalid`  the Cedar schema does not parse
 * - `rule-incomplete` a rule lacks @id, @basis or @says, carries an annotation nobody reads, or repeats an id
 * - `rule-invalid`    a rule does not parse, or not under the schema
 * - `table-invalid`   a table is not JSON, or a row is not in its table's form
 */
export type PolicyErrorCode =
  | 'pack-missing'
  | 'pack-untidy'
  | 'pack-malformed'
  | 'engine-other'
  | 'schema-invalid'
  | 'rule-incomplete'
  | 'rule-invalid'
  | 'table-invalid';

/** The only error this package throws on purpose: a pack that cannot be used. The message names the file and what to do. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
  readonly code: PolicyErrorCode;

  constructor(code: PolicyErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
