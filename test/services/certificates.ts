/**
 * An authority of one's own and a certificate of it, by openssl, as Node makes keys but no certificates.
 */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** All in PEM. */
export interface Certificates {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

/** @param names such as `IP:127.0.0.1,DNS:localhost`. */
export function makeCertificates(names = 'IP:127.0.0.1,DNS:localhost'): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-certificates-'))
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
  const pair = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  writeFileSync(join(folder, 'names'), `subjectAltName=${names}`)
  openssl('req', '-x509', ...pair, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Tocsin tests', '-days', '2')
  openssl('req', ...pair, '-keyout', 'key.pem', '-out', 'request', '-subj', '/CN=server')
  const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial']
  openssl('x509', '-req', '-in', 'request', ...by, '-out', 'cert.pem', '-days', '2', '-extfile', 'names')
  const [ca = '', cert = '', key = ''] = ['ca.pem', 'cert.pem', 'key.pem'].map((name) =>
    readFileSync(join(folder, name), 'utf8'),
  )
  rmSync(folder, { recursive: true })
  return { ca, cert, key }
}

/** Files for a server that reads them as another user. */
export function writeCertificates(folder: string, { ca, cert, key }: Certificates): void {
  for (const [name, text] of Object.entries({ 'ca.pem': ca, 'cert.pem': cert, 'key.pem': key })) {
    writeFileSync(join(folder, name), text)
    chmodSync(join(folder, name), 0o644)
  }
}
