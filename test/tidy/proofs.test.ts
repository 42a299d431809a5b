/** The published verifier and the published vectors hold each other, and nothing is altered unseen. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type Bundle, checkBundle } from '../../packages/platform/src/audit/index.js';
import { read, root } from './tree.js';

interface Vectors {
  readonly roots: string[];
  readonly inclusion: { path: string[] }[];
  readonly consistency: { path: string[] }[];
  readonly bundles: { name: string; publicKey: string; holds: boolean; bundle: Bundle }[];
}

/** What the verifier gives whoever imports it. */
interface Verifier {
  vectorFaults(vectors: Vectors): readonly string[];
  faultOf(bundle: Bundle, publicKey: string): string | null;
}

const script = 'docs/reference/check-proof.mjs';
const page = 'docs/reference/proof-vectors.json';
const vectors = () => JSON.parse(read(page)) as Vectors;
const verifier = (await import(pathToFileURL(join(root, script)).href)) as Verifier;

describe('the published verifier', () => {
  test('uses nothing of ours', () => {
    const modules = [...read(script).matchAll(/from '([^']+)'/g)].map((match) => match[1]);
    expect(modules).toEqual(['node:crypto', 'node:fs', 'node:url']);
  });

  test('finds, run by itself, that all vectors are as they say', () => {
    const { inclusion, consistency, bundles } = vectors();
    const count = inclusion.length + consistency.length + bundles.length;
    expect(count).toBeGreaterThan(90);
    const args = [join(root, script), '--vectors', join(root, page)];
    const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 0, stdout: `${count} of ${count} hold\n` });
  });

  test('finds each one that was altered', () => {
    const flip = (hex: string) => `${hex.slice(0, -1)}${hex.endsWith('0') ? '1' : '0'}`;
    let altered = 0;
    for (const kind of ['inclusion', 'consistency'] as const) {
      for (const [at, { path }] of vectors()[kind].entries()) {
        for (const step of path.keys()) {
          const one = vectors();
          const steps = one[kind][at]?.path as string[];
          steps[step] = flip(steps[step] as string);
          expect(verifier.vectorFaults(one), `${kind} ${at}, step ${step}`).toHaveLength(1);
          altered += 1;
        }
        const longer = vectors();
        longer[kind][at]?.path.push(longer.roots[3] as string);
        expect(verifier.vectorFaults(longer), `${kind} ${at}, one more`).toHaveLength(1);
        if (path.length === 0) continue;
        const shorter = vectors();
        shorter[kind][at]?.path.pop();
        expect(verifier.vectorFaults(shorter), `${kind} ${at}, one less`).toHaveLength(1);
      }
    }
    expect(altered).toBeGreaterThan(150);
  });

  test('says of a bundle what ours says', () => {
    const { bundles } = vectors();
    expect(bundles.filter(({ holds }) => !holds).length).toBeGreaterThan(7);
    for (const { name, publicKey, bundle, holds } of bundles) {
      expect(verifier.faultOf(bundle, publicKey) === null, name).toBe(holds);
      expect(checkBundle(bundle, publicKey).ok, name).toBe(holds);
    }
  });
});

test('the roots of the vectors are those published with Certificate Transparency', () => {
  const { roots } = vectors();
  expect(roots[0]).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  expect(roots[8]).toBe('5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328');
});
