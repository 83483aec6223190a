import { createSecureContext } from 'node:tls';
import type { ConfigProblem } from './config-error.js';
import { readTextFile } from './read-environment.js';

export interface TlsFiles {
  cert: string;
  key: string;
}

function pairFault(files: TlsFiles): string | undefined {
  try {
    createSecureContext(files);
    return undefined;
  } catch {
    return 'are not a PEM certificate and its private key';
  }
}

/** Reads both files now, so that a wrong path or a wrong pair stops the boot and not the first handshake. */
export function loadTls(cert?: string, key?: string): { files?: TlsFiles; problems: ConfigProblem[] } {
  if (cert === undefined && key === undefined) return { problems: [] };
  if (cert === undefined)
    return { problems: [{ variable: 'TLS_CERT', reason: 'is missing although TLS_KEY is set' }] };
  if (key === undefined)
    return { problems: [{ variable: 'TLS_KEY', reason: 'is missing although TLS_CERT is set' }] };
  const [certFile, keyFile] = [readTextFile(cert), readTextFile(key)];
  if ('text' in certFile && 'text' in keyFile) {
    const files = { cert: certFile.text, key: keyFile.text };
    const reason = pairFault(files);
    return reason ? { problems: [{ variable: 'TLS_CERT, TLS_KEY', reason }] } : { files, problems: [] };
  }
  const problems: ConfigProblem[] = [];
  if ('reason' in certFile) problems.push({ variable: 'TLS_CERT', reason: certFile.reason });
  if ('reason' in keyFile) problems.push({ variable: 'TLS_KEY', reason: keyFile.reason });
  return { problems };
}
