/** Filled in by the model. */
export type EntityName = string;
