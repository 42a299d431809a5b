export * from '@headrace/connectors';
