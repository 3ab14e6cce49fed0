/**
 * Patterns of what a person writes, for schemas. A character that nobody sees, or half of one, would let a text say one thing to who reads
 * it and another to who checks what was sealed of it.
 */
export const WRITTEN = '^[^\\p{Cc}\\p{Cs}]*$';
export const WRITTEN_IN_LINES = '^(?:[^\\p{Cc}\\p{Cs}]|[\\t\\n\\r])*$';
/** The name or number of a person. */
export const WRITTEN_NAME = '^[^\\s\\p{C}](?:[^\\p{C}]*[^\\s\\p{C}])?$';
