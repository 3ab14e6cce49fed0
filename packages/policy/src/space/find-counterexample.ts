import type { Dimensions } from './dimensions.js';
import type { Point, Space } from './space-of.js';

/** Reduces a request that breaks a statement: field by field to the first value with which it still does. */
export function shrink(space: Space, point: Point, breaks: (point: Point) => boolean): Point {
  const dimensions = space.dimensionsOn(point.day);
  const names: (keyof Dimensions)[] = [
    'dataClasses',
    ...(Object.keys(dimensions) as (keyof Dimensions)[]).filter((name) => name !== 'dataClasses'),
  ];
  let smallest = point;
  // Twice: what could not be left out at first may be, once another field is simpler.
  for (const name of [...names, ...names]) {
    const simpler = dimensions[name]
      .map((value) => ({ ...smallest, choices: { ...smallest.choices, [name]: value } }))
      .find((candidate) => breaks(candidate));
    smallest = simpler ?? smallest;
  }
  return smallest;
}

/** What of a request is not as usual: short enough to read. */
export function describe(space: Space, { day, choices }: Point): string {
  const dimensions = space.dimensionsOn(day);
  const unusual = Object.entries(choices).filter(
    ([name, value]) =>
      ['category', 'action', 'roles', 'nations'].includes(name) ||
      JSON.stringify(value) !== JSON.stringify(dimensions[name as keyof Dimensions][0]),
  );
  return JSON.stringify({ day, ...Object.fromEntries(unusual) });
}
