/**
 * Certificates for tests, by openssl, as Node makes keys but no certificates.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Certificate {
  /** PEM, as the next one. */
  readonly cert: string
  readonly key: string
}

/** It vouches for itself, for the loopback and for `name`. */
export function selfSigned(name: string, days = 2): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-certificate-'))
  const file = (end: string) => join(folder, end)
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', String(days)]
  const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name},IP:127.0.0.1`]
  try {
    const where = ['-keyout', file('key'), '-out', file('crt')]
    execFileSync('openssl', ['req', '-x509', ...made, ...names, ...where], { stdio: 'ignore' })
    return { key: readFileSync(file('key'), 'utf8'), cert: readFileSync(file('crt'), 'utf8') }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
