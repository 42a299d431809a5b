/** Errors as SAP Gateway words them: `{ error: { code, message: { lang, value }, innererror } }`. */

export interface ODataErrorOptions {
  /** The property the complaint is about. */
  readonly target?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Thrown by the engine and by the hooks of a row source; becomes the answer of its call. */
export class ODataError extends Error {
  readonly status: number;
  /** `<message class>/<number>`, such as `/IWBEP/CM_MGW_RT/020`. */
  readonly code: string;
  readonly target: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: number, code: string, message: string, options: ODataErrorOptions = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.target = options.target;
    this.headers = options.headers ?? {};
  }
}

export const badRequest = (message: string): ODataError =>
  new ODataError(400, '/IWFND/CM_MGW/041', message);
