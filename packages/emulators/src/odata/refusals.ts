import type { ServiceAnswer } from './engine.js';
import { ODataError } from './errors.js';

/** What the system answers before a service is asked. */

export const tooMany = (waitS: number): ODataError =>
  new ODataError(429, '/IWFND/CM_MGW/429', 'Too many requests', {
    headers: { 'Retry-After': String(waitS) },
  });

export const faultStatus = (status: number, retryAfterS: number | undefined): ODataError =>
  status === 429
    ? tooMany(retryAfterS ?? 1)
    : new ODataError(status, `/IWFND/CM_MGW/${status}`, 'The service is temporarily unavailable', {
        headers: retryAfterS === undefined ? {} : { 'Retry-After': String(retryAfterS) },
      });

export const noService = (path: string): ODataError => {
  const name = /^\/sap\/opu\/odata4?\/sap\/([^/;]+)/.exec(path)?.[1];
  return name === undefined
    ? new ODataError(404, '/IWFND/CM_MGW/404', `Nothing is at ${path}`)
    : new ODataError(
        403,
        '/IWFND/MED/170',
        `No service found for namespace '/SAP/', name '${name}', version '0001'`,
      );
};

export const tooLong = (): ODataError =>
  new ODataError(414, '/IWFND/CM_MGW/414', 'The address is too long; put the request in a $batch');

export const tooLarge = (): ODataError =>
  new ODataError(413, '/IWFND/CM_MGW/413', 'The request body is too large');

export const CSRF_FAILED: ServiceAnswer = {
  status: 403,
  headers: { 'Content-Type': 'text/plain;charset=utf-8', 'X-CSRF-Token': 'Required' },
  body: 'CSRF token validation failed',
};

/** The dispatcher in front of the application answers, so it is HTML and not OData. */
export const unavailable = (quietMs: number): ServiceAnswer => ({
  status: 503,
  headers: {
    'Content-Type': 'text/html;charset=utf-8',
    'Retry-After': String(Math.max(1, Math.ceil(quietMs / 1000))),
  },
  body: '<!DOCTYPE html><html><head><title>503 Service Unavailable</title></head><body><h1>503 Service Unavailable</h1><p>The application server is stopped for maintenance.</p></body></html>',
});
