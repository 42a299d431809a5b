/** Where faults may strike. The vendor emulator asks here; it does not know who decides. */

export interface RequestTarget {
  readonly method: string;
  readonly path: string;
  /** With underscores, when the path names one. */
  readonly entity: string | undefined;
  /** `sap`, where several systems share a board; a scope may begin with it. */
  readonly system?: string;
}

export type RequestFault =
  | { readonly kind: 'outage' }
  | { readonly kind: 'status'; readonly status: number; readonly retryAfterS?: number }
  | { readonly kind: 'token-expiry' };

export interface AnswerFault {
  readonly kind: 'truncate' | 'timeout-after-apply';
  readonly holdMs: number;
}

export interface SearchAnswer {
  total: number;
  data: Record<string, unknown>[];
  /** What to spoil where the rows are not shaped as Shopware's. */
  readonly fields?: AnswerFields;
}

export interface AnswerFields {
  /** Names a row in the log of what was injected. */
  readonly idOf: (row: Readonly<Record<string, unknown>>) => string;
  readonly key: string;
  readonly text: string;
  readonly number: string;
  readonly currency: string;
}

export type WebhookFault = 'drop' | 'duplicate' | 'reorder' | 'disable';

export interface FaultPort {
  /** Nothing can strike now, so answers need no second look. */
  readonly isQuiet: () => boolean;
  readonly delayMsFor: (target: RequestTarget) => number;
  readonly onRequest: (target: RequestTarget) => RequestFault | undefined;
  readonly onAnswer: (target: RequestTarget) => AnswerFault | undefined;
  /** May change the answer in place; returns what must be replaced in its bytes, if anything. */
  readonly onSearch: (
    target: RequestTarget,
    answer: SearchAnswer,
    page: { readonly page: number; readonly limit: number },
  ) => ((body: Buffer) => Buffer) | undefined;
  readonly onWebhook: (event: string, eventId: string, key: string) => WebhookFault | undefined;
}

export const NO_FAULTS: FaultPort = {
  isQuiet: () => true,
  delayMsFor: () => 0,
  onRequest: () => undefined,
  onAnswer: () => undefined,
  onSearch: () => undefined,
  onWebhook: () => undefined,
};
