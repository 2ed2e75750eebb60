import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';

interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** A certificate for this machine, and one of its client, both by an authority that is made for them. */
export interface Certificates {
  readonly authority: string;
  readonly server: Certificate;
  readonly client: Certificate;
}

const made = { keyType: 'ec', algorithm: 'sha256' } as const;

async function certificate(name: string, options: Parameters<typeof generate>[1]): Promise<Certificate> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: name }], { ...made, ...options });
  return { cert, key };
}

export async function makeCertificates(): Promise<Certificates> {
  const ca = await certificate('authority', {
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  });
  const server = await certificate('server', {
    ca,
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  const client = await certificate('client', { ca, extensions: [{ name: 'extKeyUsage', clientAuth: true }] });
  return { authority: ca.cert, server, client };
}

/** The arguments of a Redis that takes TLS on that port, from clients with a certificate alone. */
export function tlsArguments({ authority, server }: Certificates, port: number, folder: string): string[] {
  const write = (name: string, text: string): string => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  return [
    ...['--tls-port', String(port), '--tls-auth-clients', 'yes'],
    ...['--tls-ca-cert-file', write('authority.crt', authority)],
    ...['--tls-cert-file', write('server.crt', server.cert), '--tls-key-file', write('server.key', server.key)],
  ];
}
