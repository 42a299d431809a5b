/**
 * Rewrites values of a JSON text and leaves the rest as it was written: a price of `19.90` stays
 * that, as do numbers too long for a double. Space between tokens goes.
 */

export type JsonPath = readonly (string | number)[];

export interface JsonVisitor {
  /** The new text of a string. */
  string(value: string, path: JsonPath): string;
  /** The new text of a number, as JSON writes it. */
  number(raw: string, path: JsonPath): string;
  boolean(value: boolean, path: JsonPath): boolean;
  /** The new name of a member; its value is then visited under the old one. */
  name(value: string, path: JsonPath): string;
}

/** @throws SyntaxError when the text is not JSON. */
export function rewriteJson(text: string, visitor: JsonVisitor): string {
  // Checked once as a whole, so that the walk below need not mind malformed text.
  JSON.parse(text);
  const token = /[{}[\]:,]|"(?:[^"\\]|\\.)*"|[^\s{}[\]:,"]+/gy;
  const space = /\s*/y;
  let at = 0;
  const next = (): string => {
    space.lastIndex = at;
    space.exec(text);
    token.lastIndex = space.lastIndex;
    const found = token.exec(text)?.[0] ?? '';
    at = token.lastIndex;
    return found;
  };

  function value(first: string, path: JsonPath): string {
    if (first === '{') return object(path);
    if (first === '[') return array(path);
    if (first.startsWith('"')) return quoted(visitor.string(JSON.parse(first) as string, path));
    if (first === 'null') return first;
    if (first === 'true' || first === 'false') {
      return String(visitor.boolean(first === 'true', path));
    }
    return visitor.number(first, path);
  }

  function object(path: JsonPath): string {
    const members: string[] = [];
    for (let part = next(); part !== '}'; part = next()) {
      if (part === ',') continue;
      const name = JSON.parse(part) as string;
      next();
      const below = [...path, name];
      members.push(`${quoted(visitor.name(name, below))}:${value(next(), below)}`);
    }
    return `{${members.join(',')}}`;
  }

  function array(path: JsonPath): string {
    const items: string[] = [];
    for (let part = next(); part !== ']'; part = next()) {
      if (part !== ',') items.push(value(part, [...path, items.length]));
    }
    return `[${items.join(',')}]`;
  }

  return value(next(), []);
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

/** `data.*.address.city`: the place in any record. */
export function placeOf(path: JsonPath): string {
  return path.map((step) => (typeof step === 'number' ? '*' : step)).join('.');
}
