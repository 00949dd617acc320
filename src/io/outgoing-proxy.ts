import { Agent as HttpAgent, setGlobalProxyFromEnv } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIP } from 'node:net';

export type ProxyEnvironment = {
  HTTPS_PROXY?: string;
  HTTP_PROXY?: string;
  NO_PROXY?: string;
};

let current: ProxyEnvironment = {};

/**
 * From here on every call goes through these proxies: `fetch`, and what uses Node's own agents.
 * Agents that are made elsewhere take `agentProxies()`. Returns what undoes it.
 */
export function useProxies(proxies: ProxyEnvironment): () => void {
  current = proxies;
  const restore =
    proxies.HTTPS_PROXY || proxies.HTTP_PROXY ? setGlobalProxyFromEnv({ ...proxies }) : undefined;
  return () => {
    current = {};
    restore?.();
  };
}

/** For an agent of its own; nothing where no proxy is set. */
export const agentProxies = (): { proxyEnv?: ProxyEnvironment } =>
  current.HTTPS_PROXY || current.HTTP_PROXY ? { proxyEnv: current } : {};

/** For a library that makes agents of its own and knows no proxy; undefined: none is set. */
export function callAgentFor({ protocol }: URL): HttpAgent | undefined {
  const proxies = agentProxies();
  if (!proxies.proxyEnv) return undefined;
  return protocol === 'https:' ? new HttpsAgent(proxies) : new HttpAgent(proxies);
}

/**
 * The agent for an address that the proxy looks up, since this machine may not know it; undefined:
 * it is reached directly. What is an address already, or this machine, never goes through.
 */
export function proxyAgentFor({ protocol, hostname, port }: URL): HttpAgent | undefined {
  const isSecure = protocol === 'https:';
  const proxy = isSecure ? current.HTTPS_PROXY : current.HTTP_PROXY;
  const host = hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  if (!proxy || isIP(host) || host === 'localhost' || host.endsWith('.localhost')) return undefined;
  if (isExcepted(host, port || (isSecure ? '443' : '80'))) return undefined;
  const options = { keepAlive: false, proxyEnv: { HTTPS_PROXY: proxy, HTTP_PROXY: proxy } };
  return isSecure ? new HttpsAgent(options) : new HttpAgent(options);
}

function isExcepted(host: string, port: string): boolean {
  return (current.NO_PROXY ?? '').split(/[\s,]+/).some((entry) => {
    const [name = '', onPort] = entry.toLowerCase().split(':');
    if (name === '*') return true;
    const bare = name.replace(/^\*?\./, '');
    if (!bare || (onPort !== undefined && onPort !== port)) return false;
    return host === bare || host.endsWith(`.${bare}`);
  });
}
