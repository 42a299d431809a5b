export interface Dependency {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
}
export function productionDependencies(): readonly Dependency[];
export function notice(): string;
