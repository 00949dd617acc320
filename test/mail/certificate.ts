import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificate {
  key: string;
  cert: string;
}

/** Of this machine, signed by itself; undefined where there is no OpenSSL. */
export function makeCertificate(kind: 'ec' | 'rsa' = 'ec'): Certificate | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'dripline-cert-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1';
  const ways = { ec: ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'], rsa: ['rsa:2048'] };
  const request = ['req', '-x509', '-newkey', ...ways[kind]];
  const rest = ['-nodes', '-days', '36500', '-subj', '/CN=localhost', '-addext', names];
  try {
    execFileSync('openssl', [...request, ...rest, '-keyout', key, '-out', cert], {
      stdio: 'ignore',
    });
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } catch {
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
