/** An answer of the platform, kept while it is asked for again. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { everyWhileSeen } from './browser.js';
import { ApiError, call, type Input, type Name, type Output } from './client/client.js';
import { useSession } from './session-context.js';

export interface Asked<T> {
  readonly data: T | null;
  readonly error: ApiError | null;
  readonly isLoading: boolean;
  reload(): void;
}

/** Asks when the input changes, every `everyMs`, and on `reload`; null asks nothing. */
export function useApi<N extends Name>(
  name: N,
  input: Input<N> | null,
  everyMs: number | null = null,
): Asked<Output<N>> {
  const { token, lose } = useSession();
  const key = JSON.stringify([name, input]);
  const [state, setState] = useState<{
    readonly key: string;
    readonly data: Output<N> | null;
    readonly error: ApiError | null;
  }>({ key: '', data: null, error: null });
  const under = useRef<AbortController | null>(null);

  const load = useCallback(() => {
    const [, given] = JSON.parse(key) as [Name, Input<N> | null];
    if (given === null) return;
    under.current?.abort();
    const abort = new AbortController();
    under.current = abort;
    call(token, name, given, abort.signal).then(
      (data) => {
        if (!abort.signal.aborted) setState({ key, data, error: null });
      },
      (thrown: unknown) => {
        if (abort.signal.aborted) return;
        const error = thrown instanceof ApiError ? thrown : new ApiError(0, null);
        if (error.status === 401) lose();
        setState((before) => ({ key, data: before.key === key ? before.data : null, error }));
      },
    );
  }, [key, name, token, lose]);

  useEffect(() => {
    load();
    const stop = everyMs === null ? () => {} : everyWhileSeen(everyMs, load);
    return () => {
      stop();
      under.current?.abort();
    };
  }, [load, everyMs]);

  const isOwn = state.key === key;
  return {
    data: isOwn ? state.data : null,
    error: isOwn ? state.error : null,
    isLoading: input !== null && !isOwn,
    reload: load,
  };
}
