/** Shopware writes instants as `2026-05-04T10:11:12.345+00:00`. */
export declare const formatDate: (atMs: number) => string;
export declare const formatInstant: (atMs: number) => string;
/** The time of a filter value: any form MySQL would take; without a zone it is UTC. */
export declare const parseInstant: (text: string) => number;
