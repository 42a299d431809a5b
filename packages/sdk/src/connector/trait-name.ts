/**
 * A name for a field the customer added, made of the system's own: the last part of its path without
 * the marks systems put on added fields. `A_Product.YY1_Fit_PRD` → `fit`, `custom_gift_wrap` →
 * `giftWrap`. For authors of `discoverSettings`, who propose places for such fields.
 */
export function traitName(path: string): string {
  const name = path.split('.').at(-1) ?? path;
  const bare = name.replace(/^(YY1_|ZZ\d?_?|custom_)/i, '').replace(/_[A-Z]{3}$/, '');
  const words = bare.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  const [first = 'field', ...rest] = words.map(
    (word) => word.charAt(0).toUpperCase() + word.slice(1),
  );
  const lowerFirst = first.charAt(0).toLowerCase() + first.slice(1);
  return /^[a-z]/.test(lowerFirst) ? lowerFirst + rest.join('') : `field${first}${rest.join('')}`;
}
