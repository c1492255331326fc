/**
 * For tests: certificates of RSA keys, by openssl, and the file that names them.
 */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const ADDRESS = 'https://groups.uw.edu/pubkeys/sign1.crt'
export const NEXT_ADDRESS = 'https://groups.uw.edu/pubkeys/sign2.crt'

/** `NAME.crt` and `NAME.key` in the folder. */
export function makeRsaCertificate(folder: string, name: string): void {
  const made = ['-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${name}`]
  const files = ['-keyout', `${name}.key`, '-out', `${name}.crt`]
  execFileSync('openssl', ['req', '-x509', ...made, ...files], { cwd: folder, stdio: 'ignore' })
}

/** A file of keys, in JSON. @returns its name */
export function writeKeys(folder: string, keys: object, name = 'keys.json'): string {
  const file = join(folder, name)
  writeFileSync(file, JSON.stringify(keys))
  return file
}

export function writeSharedKey(folder: string, id: string, bytes: Uint8Array): void {
  writeFileSync(join(folder, `${id}.key`), `${Buffer.from(bytes).toString('base64')}\n`)
}
