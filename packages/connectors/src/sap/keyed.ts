import { z } from 'zod';

/** A map whose keys have a form. Zod's own check of keys keeps its message to itself. */
export function keyed<Value extends z.ZodType>(form: RegExp, message: string, value: Value) {
  return z.record(z.string(), value).check(({ value: map, issues }) => {
    for (const key of Object.keys(map)) {
      if (!form.test(key)) issues.push({ code: 'custom', message, input: key, path: [key] });
    }
  });
}
