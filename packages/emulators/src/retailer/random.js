/**
 * The world's own pseudo-random numbers (sfc32). Each part of the world draws from its own
 * stream, so a change in one part does not reshuffle all others.
 */
/** Mixes two words into one (murmur-style finaliser); the basis of all derived facts. */
export const mix = (left, right) => {
  let value = Math.imul(left ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(right + 0x7f4a7c15, 0xc2b2ae35);
  value ^= value >>> 16;
  value = Math.imul(value, 0x7feb352d);
  value ^= value >>> 15;
  value = Math.imul(value, 0x846ca68b);
  value ^= value >>> 16;
  return value >>> 0;
};
export const hashText = (text) => {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return mix(value >>> 0, text.length);
};
export const createRandom = (seed, stream) => {
  let a = mix(seed >>> 0, hashText(stream));
  let b = mix(a, Math.floor(seed / 0x1_0000_0000) >>> 0);
  let c = mix(b, 0x5bd1e995);
  let counter = 1;
  const word = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return sum >>> 0;
  };
  for (let round = 0; round < 12; round++) word();
  const next = () => word() / 0x1_0000_0000;
  const below = (limit) => Math.floor(next() * limit);
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  // Marsaglia and Tsang for shapes of at least 1; smaller shapes are boosted.
  const gammaOf = (shape) => {
    if (shape < 1) return gammaOf(shape + 1) * (1 - next()) ** (1 / shape);
    const d = shape - 1 / 3;
    const scale = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = normal();
      const v = (1 + scale * x) ** 3;
      if (v > 0 && Math.log(1 - next()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
    }
  };
  return {
    next,
    below,
    word,
    normal,
    between: (from, to) => from + below(to - from + 1),
    chance: (probability) => next() < probability,
    pick: (values) => {
      const value = values[below(values.length)];
      if (value === undefined) throw new Error('cannot pick from an empty list');
      return value;
    },
    gamma: (shape) => gammaOf(shape) / shape,
    exponential: (mean) => -Math.log(1 - next()) * mean,
  };
};
/**
 * Negative binomial by inversion: mean `mean`, dispersion `size` (small = bursty). Most variant
 * days sell nothing, so the first comparison usually ends it.
 */
export const negativeBinomial = (random, mean, size) => {
  if (mean <= 0) return 0;
  const ratio = mean / (mean + size);
  let probability = Math.exp(size * Math.log1p(-ratio));
  let cumulative = probability;
  const draw = random.next();
  let count = 0;
  while (draw > cumulative && count < 1_000) {
    count++;
    probability *= (ratio * (size + count - 1)) / count;
    cumulative += probability;
  }
  return count;
};
//# sourceMappingURL=random.js.map
