/** An answer that is not what was asked for. The vendor publishes no bodies; these are plain. */
export class InriverError extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

export const badRequest = (message: string): never => {
  throw new InriverError(400, message);
};

export const notFound = (what: string): never => {
  throw new InriverError(404, `${what} does not exist.`);
};
