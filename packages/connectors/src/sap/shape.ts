/** What is read of a set and of the sets below it, and which of it is about a person. */

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

/** `$select` of version 2; undefined when everything is read. */
export function selectOf(shape: Shape, more: (set: string) => readonly string[]) {
  return shape.fields === 'all' ? undefined : selected(shape, '', more);
}

function selected(
  shape: Shape,
  at: string,
  more: (set: string) => readonly string[],
): readonly string[] {
  const own = [...new Set([...propertiesOf(shape), ...more(shape.set)])];
  return [
    ...own.map((name) => at + name),
    ...Object.entries(shape.children ?? {}).flatMap(([name, child]) =>
      child.fields === 'all' ? [at + name] : selected(child, `${at}${name}/`, more),
    ),
  ];
}

export function expandOf(shape: Shape, at = ''): readonly string[] {
  return Object.entries(shape.children ?? {}).flatMap(([name, child]) => [
    at + name,
    ...expandOf(child, `${at}${name}/`),
  ]);
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
