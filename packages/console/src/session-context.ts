import { createContext, useContext } from 'react';
import type { LiveEntry } from './client/events.js';
import type { Session, Status } from './client/schema.js';

export interface SessionContext {
  readonly token: string;
  readonly session: Session;
  /** The token no longer opens anything. */
  lose(): void;
  /** Told of each entry as it becomes durable; returns how to stop. */
  onEntry(listener: (entry: LiveEntry) => void): () => void;
}

export const sessionContext = createContext<SessionContext | null>(null);

export function useSession(): SessionContext {
  const context = useContext(sessionContext);
  if (context === null) throw new Error('Used outside of a session.');
  return context;
}

/** Null before the first answer. */
export const statusContext = createContext<Status | null>(null);

export function useStatus(): Status | null {
  return useContext(statusContext);
}
