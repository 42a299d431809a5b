import { HeadraceError } from '@headrace/sdk';

/** Something about how the program was called. */
export function usageError(message: string, hint?: string): HeadraceError {
  return new HeadraceError('config', message, {
    code: 'E_USAGE',
    ...(hint === undefined ? {} : { hint }),
  });
}
