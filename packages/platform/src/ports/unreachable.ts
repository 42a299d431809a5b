/** What a person can do about a connection that was not to be had, by the system's word for it. */
export function reachHint(reason: string, url: URL, timeoutMs: number): string {
  const { host, protocol } = url;
  if (/^(ENOTFOUND|EAI_AGAIN)$/.test(reason)) {
    return `The name ${url.hostname} is not known on this machine: check the address and its DNS; where only a proxy knows it, set network.proxy.`;
  }
  if (/^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/.test(reason)) {
    return `Nothing answers at ${host}: check the port, and whether a firewall lets this machine there or wants a proxy (network.proxy).`;
  }
  if (reason === 'UND_ERR_ABORTED' || reason === 'TimeoutError' || reason === 'AbortError') {
    return `${host} gave no whole answer within ${timeoutMs / 1000} s: ask for less (pageSize, budget) or look at what slows it down.`;
  }
  if (/SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|CERT_UNTRUSTED/.test(reason)) {
    return `The certificate of ${host} is signed by nobody this machine trusts: name the company's CA in network.ca.`;
  }
  if (/CERT|ALTNAME/.test(reason)) {
    return `The certificate of ${host} is not valid for it (${reason}): use the name it was made for, or have it renewed.`;
  }
  if (/^(ERR_SSL|EPROTO)/.test(reason)) {
    return `${host} does not speak ${protocol.slice(0, -1)} as asked (${reason}): compare http and https, and the port.`;
  }
  return 'Check that the system is reachable from this machine.';
}
