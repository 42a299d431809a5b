/**
 * An act on a flow. Nothing is done by one click: the platform first says how many groups it would
 * be about, then a person confirms.
 *
 *   closed ──click──▶ asking (dry) ──count──▶ confirm ──yes──▶ acting ──▶ closed, with what was done
 */
import { useState } from 'react';
import { ApiError, call, type Input, type Name } from '../client/client.js';
import { countText } from '../format.js';
import { mayAct, type Role } from '../session.js';
import { useSession } from '../session-context.js';

type ActName = Extract<
  Name,
  'pauseFlow' | 'resumeFlow' | 'approveFlow' | 'resyncFlow' | 'retryFlow' | 'undoFlow'
>;

type Phase =
  | { readonly kind: 'closed'; readonly said: string | null }
  | { readonly kind: 'asking' | 'acting' }
  | { readonly kind: 'confirm'; readonly groups: number }
  | { readonly kind: 'refused'; readonly text: string };

export interface ActProps {
  readonly act: ActName;
  readonly flow: string;
  readonly needs: Role;
  readonly label: string;
  /** What it does, said before it is done. */
  readonly what: string;
  readonly body?: unknown;
  done(): void;
}

export function ActButton({ act, flow, needs, label, what, body, done }: ActProps) {
  const { token, session } = useSession();
  const [phase, setPhase] = useState<Phase>({ kind: 'closed', said: null });
  const isAllowed = mayAct(session, needs);

  const send = async (isDry: boolean) => {
    const input = {
      params: { flow },
      query: { dry: isDry ? 'true' : 'false' },
      ...(body === undefined ? {} : { body }),
    } as Input<ActName>;
    try {
      const { groups } = await call(token, act, input);
      if (isDry) setPhase({ kind: 'confirm', groups });
      else {
        setPhase({ kind: 'closed', said: `Done${groups > 0 ? `: ${groupsText(groups)}` : ''}.` });
        done();
      }
    } catch (thrown) {
      const problem = thrown instanceof ApiError ? thrown.problem : null;
      const text = [String((thrown as Error).message), problem?.detail].filter(Boolean).join(' ');
      setPhase({ kind: 'refused', text });
    }
  };
  const start = (kind: 'asking' | 'acting') => {
    setPhase({ kind });
    void send(kind === 'asking');
  };

  return (
    <span className="act">
      <button
        type="button"
        disabled={!isAllowed || phase.kind === 'asking' || phase.kind === 'acting'}
        title={isAllowed ? what : `Needs the role ${needs}; you are ${session.role}.`}
        onClick={() => start('asking')}
      >
        {label}
      </button>
      {phase.kind === 'confirm' && (
        <div className="confirm" role="dialog" aria-label={label}>
          <p>
            {what}
            {phase.groups > 0 && <> It is about {groupsText(phase.groups)}.</>}
          </p>
          <button type="button" className="primary" onClick={() => start('acting')}>
            {label}
          </button>{' '}
          <button type="button" onClick={() => setPhase({ kind: 'closed', said: null })}>
            Cancel
          </button>
        </div>
      )}
      {phase.kind === 'closed' && phase.said !== null && <span className="dim">{phase.said}</span>}
      {phase.kind === 'refused' && (
        <span className="problem" role="alert">
          {phase.text}
        </span>
      )}
    </span>
  );
}

function groupsText(groups: number): string {
  return `${countText(groups)} ${groups === 1 ? 'group' : 'groups'}`;
}
