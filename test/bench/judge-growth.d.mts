export type Figures = Readonly<Record<string, number>>;

export function judgeGrowth(
  axis: string,
  rows: readonly Figures[],
  sizes: readonly number[],
): readonly (Readonly<Record<string, number | string>> & { readonly what: string })[];
