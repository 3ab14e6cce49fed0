export interface Figures {
  readonly at: string;
  readonly machine: Readonly<Record<string, string | number>>;
  readonly benches: readonly {
    readonly bench: string;
    readonly rows: readonly (Readonly<Record<string, string | number>> & { readonly what: string })[];
    readonly failed?: string;
  }[];
}

export function drawFigures(figures: Figures): string;
