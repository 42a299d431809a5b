/** Where faults may strike. The vendor emulator asks here; it does not know who decides. */
export const NO_FAULTS = {
  delayMsFor: () => 0,
  onRequest: () => undefined,
  onAnswer: () => undefined,
  onSearch: () => undefined,
  onWebhook: () => undefined,
};
//# sourceMappingURL=fault-port.js.map
