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

export interface CertificateOptions {
  /** From now; negative: it has expired. Default 2. */
  readonly days?: number
  /** Default: the loopback. */
  readonly address?: string
}

/** It vouches for itself, for an address and for `name`. */
export function selfSigned(name: string, { days = 2, address = '127.0.0.1' }: CertificateOptions = {}): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-certificate-'))
  const file = (end: string) => join(folder, end)
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', String(Math.abs(days))]
  const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name},IP:${address}`]
  try {
    const where = ['-keyout', file('key'), '-out', file('crt')]
    execFileSync('openssl', ['req', '-x509', ...made, ...names, ...where], { stdio: 'ignore' })
    // openssl makes none that has expired, but renews one into the past.
    const past = ['-in', file('crt'), '-signkey', file('key'), '-days', String(days), '-out', file('crt')]
    if (days < 0) execFileSync('openssl', ['x509', ...past], { stdio: 'ignore' })
    return { key: readFileSync(file('key'), 'utf8'), cert: readFileSync(file('crt'), 'utf8') }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
