/** What is read of a set and of the sets below it, and which of it is about a person. */

/** Whether a set has a property or navigation in the release that is read. */
export type IsKnown = (set: string, name: string) => boolean;

export interface Shape {
  /** Entity set of the rows. */
  readonly set: string;
  /** Properties read in the clear; `all` where any may matter. */
  readonly fields: readonly string[] | 'all';
  /** Properties about a person: read, and sealed before anything is stored. */
  readonly personal?: readonly string[];
  /** Sets below, by navigation property. */
  readonly children?: Readonly<Record<string, Shape>>;
  /** Navigations to one row, which come as the row itself. */
  readonly single?: readonly string[];
}

const propertiesOf = ({ fields, personal = [] }: Shape): readonly string[] =>
  fields === 'all' ? [] : [...fields, ...personal];

/**
 * `$select` of version 2; undefined when everything is read. What the release does not have is left
 * out, but for the properties of `more`.
 */
export function selectOf(
  shape: Shape,
  more: (set: string) => readonly string[],
  isKnown: IsKnown,
): readonly string[] | undefined {
  return shape.fields === 'all' ? undefined : selected(shape, '', more, isKnown);
}

function selected(
  shape: Shape,
  at: string,
  more: (set: string) => readonly string[],
  isKnown: IsKnown,
): readonly string[] {
  const known = propertiesOf(shape).filter((name) => isKnown(shape.set, name));
  const own = [...new Set([...known, ...more(shape.set)])];
  return [
    ...own.map((name) => at + name),
    ...childrenOf(shape, isKnown).flatMap(([name, child]) =>
      child.fields === 'all' ? [at + name] : selected(child, `${at}${name}/`, more, isKnown),
    ),
  ];
}

export function expandOf(shape: Shape, isKnown: IsKnown, at = ''): readonly string[] {
  return childrenOf(shape, isKnown).flatMap(([name, child]) => [
    at + name,
    ...expandOf(child, isKnown, `${at}${name}/`),
  ]);
}

function childrenOf(shape: Shape, isKnown: IsKnown): readonly (readonly [string, Shape])[] {
  return Object.entries(shape.children ?? {}).filter(([name]) => isKnown(shape.set, name));
}

/** Where personal properties stand in a record of version 2. */
export function personalPathsOf(shape: Shape, at = ''): readonly string[] {
  return [
    ...(shape.personal ?? []).map((name) => at + name),
    ...Object.entries(shape.children ?? {}).flatMap(([name, child]) => {
      const rows = shape.single?.includes(name) === true ? '' : 'results.*.';
      return personalPathsOf(child, `${at}${name}.${rows}`);
    }),
  ];
}

/** Properties by set, this one and all below. */
export function fieldsBySet(shape: Shape): readonly (readonly [string, readonly string[]])[] {
  return [
    [shape.set, propertiesOf(shape)] as const,
    ...Object.values(shape.children ?? {}).flatMap(fieldsBySet),
  ];
}
