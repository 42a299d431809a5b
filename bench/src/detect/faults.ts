/** Every kind of fault, in the order they are sent. */
import type { FaultKind } from './feeds.js';
import { tellingKinds } from './kinds-of-telling.js';
import { valueKinds } from './kinds-of-values.js';

export const faultKinds: readonly FaultKind[] = [...tellingKinds, ...valueKinds];
