import { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
/** The little HTTP both ports need. */
export declare const BODY_BYTES_MAX: number;
export declare const readBody: (request: IncomingMessage) => Promise<Buffer>;
export declare const sendJson: (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers?: Readonly<Record<string, string>>,
) => void;
export interface RunningServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}
export declare const listen: (
  listener: RequestListener,
  host: string,
  port: number,
) => Promise<RunningServer>;
