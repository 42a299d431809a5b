/** Text of a system inside written source text: nothing in it may end a string, a line or a comment. */

/** As a string literal. */
export function quoted(text: string): string {
  const escaped = text.replace(
    /[\\'\p{Cc}\p{Cs}\u2028\u2029]/gu,
    (sign) => escapes[sign] ?? `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `'${escaped}'`;
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', "'": "\\'", '\n': '\\n' };

/** As the name of a member. */
export function memberName(text: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(text) ? text : quoted(text);
}

/** Inside a comment. */
export function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replaceAll('*/', '* /')
    .trim();
}
