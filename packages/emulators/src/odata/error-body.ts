import { ODataError } from './errors.js';
import { escapeXml } from './metadata.js';
import type { Service } from './model.js';
import { formatInstant } from './values.js';

/** Error bodies as SAP Gateway writes them, in the format the caller asked for. */

export interface ErrorContext {
  readonly service: Service | undefined;
  readonly language: string;
  readonly isJson: boolean;
  readonly nowMs: number;
  /** 32 hexadecimal digits, new for every error. */
  readonly transactionId: string;
}

export interface ErrorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export const errorAnswer = (error: ODataError, context: ErrorContext): ErrorAnswer => {
  const body =
    context.service?.version === 4
      ? bodyV4(error)
      : context.isJson
        ? bodyV2(error, context)
        : bodyXml(error, context);
  const type = context.isJson || context.service?.version === 4 ? JSON_TYPE : XML_TYPE;
  return {
    status: error.status,
    headers: { 'Content-Type': type, ...error.headers },
    body,
  };
};

const JSON_TYPE = 'application/json;charset=utf-8';
const XML_TYPE = 'application/xml;charset=utf-8';

/** `20260504101112.3456789`: the time stamp of ABAP in its long form. */
const abapTimestamp = (ms: number): string => formatInstant(ms, 7).replace(/[-:T]/g, '');

const bodyV2 = (error: ODataError, context: ErrorContext): string =>
  JSON.stringify({
    error: {
      code: error.code,
      message: { lang: context.language, value: error.message },
      innererror: {
        application: {
          component_id: '',
          service_namespace: '/SAP/',
          service_id: context.service?.name ?? '',
          service_version: '0001',
        },
        transactionid: context.transactionId,
        timestamp: abapTimestamp(context.nowMs),
        Error_Resolution: {
          SAP_Transaction:
            'For backend administrators: use ADT feed reader "SAP Gateway Error Log" or run transaction /IWFND/ERROR_LOG on SAP Gateway hub system and search for entries with the timestamp above for more details',
          SAP_Note: 'See SAP Note 1797736 for error analysis',
        },
        errordetails: [
          {
            ContentID: '',
            code: error.code,
            message: error.message,
            propertyref: '',
            severity: 'error',
            transition: false,
            target: error.target ?? '',
          },
        ],
      },
    },
  });

const bodyXml = (error: ODataError, context: ErrorContext): string =>
  `<?xml version="1.0" encoding="utf-8"?><error xmlns="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"><code>${escapeXml(error.code)}</code><message xml:lang="${escapeXml(context.language)}">${escapeXml(error.message)}</message><innererror><transactionid>${context.transactionId}</transactionid><timestamp>${abapTimestamp(context.nowMs)}</timestamp></innererror></error>`;

const bodyV4 = (error: ODataError): string =>
  JSON.stringify({
    error: {
      code: error.code,
      message: error.message,
      '@SAP__common.ExceptionCategory': 'Client_Error',
      ...(error.target === undefined ? {} : { target: error.target }),
      details: [],
    },
  });

/** Whatever was thrown as an error with words; what is no `ODataError` is our own mistake. */
export const toODataError = (error: unknown): ODataError =>
  error instanceof ODataError
    ? error
    : new ODataError(
        500,
        '/IWFND/CM_MGW/500',
        error instanceof Error ? error.message : String(error),
      );
