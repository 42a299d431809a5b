export interface GeneratedPage {
  readonly path: string;
  readonly text: string;
}
export function generatedPages(
  sdk: object,
  connectors: object,
  api: object,
  features: object,
  audit: object,
): readonly GeneratedPage[];
