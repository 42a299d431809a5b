/**
 * The world's own pseudo-random numbers (sfc32). Each part of the world draws from its own
 * stream, so a change in one part does not reshuffle all others.
 */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, limit). */
  below(limit: number): number;
  /** Uniform integer in [from, to]. */
  between(from: number, to: number): number;
  /** A whole 32-bit word. */
  word(): number;
  chance(probability: number): boolean;
  pick<T>(values: readonly T[]): T;
  normal(): number;
  /** Mean 1, by shape; small shapes give long tails. */
  gamma(shape: number): number;
  exponential(mean: number): number;
}
/** Mixes two words into one (murmur-style finaliser); the basis of all derived facts. */
export declare const mix: (left: number, right: number) => number;
export declare const hashText: (text: string) => number;
export declare const createRandom: (seed: number, stream: string) => Random;
/**
 * Negative binomial by inversion: mean `mean`, dispersion `size` (small = bursty). Most variant
 * days sell nothing, so the first comparison usually ends it.
 */
export declare const negativeBinomial: (random: Random, mean: number, size: number) => number;
