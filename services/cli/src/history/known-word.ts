/**
 * What stands in a log is the word of who writes it: to be counted by, it has to be one of the list, or it could name as much as it likes.
 * @returns the word itself, also where there is none; `other` for whatever is not known here
 */
export function knownWord(list: readonly string[], word: string): string {
  return word === '' || list.includes(word) ? word : 'other';
}
