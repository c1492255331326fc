/**
 * The keys of an installation in a YAML or JSON file. File names in it start at its folder; each address, and each id of a
 * shared key, stands for one key for ever, as consumers keep what they found there.
 *
 *     signing:
 *       - { environment: prod, url: https://groups.uw.edu/pubkeys/sign1.crt, certificate: sign1.crt, key: sign1.key }
 *       - { environment: prod, url: https://groups.uw.edu/pubkeys/sign2.crt, certificate: sign2.crt, key: sign2.key, from: 2027-01-01T00:00:00Z }
 *     encryption:
 *       - { environment: prod, topics: [source], id: iamcrypt1, file: iamcrypt1.key }
 *     trust:
 *       certificates: [{ url: https://groups.uw.edu/pubkeys/sign1.crt, certificate: sign1.crt }]
 *       keys: [{ id: iamcrypt1, file: iamcrypt1.key }]
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parseDocument } from 'yaml'
import { InvalidInput, messageOf } from '../../src/index.js'
import { Reader, wrong } from '../reader.js'
import type { EncryptionKey, KeyLists, SigningKey, Trust } from './keys.js'
import { SYSTEM_TYPES, TOPICS } from './topics.js'
import { KEY_SIZES } from './uwit.js'

export interface KeysFile extends KeyLists {
  /** Null: messages that come in are not verified. */
  readonly trust: Trust | null
}

const SETTING = 'profiles.uwRegistry.keys'

/** @throws InvalidInput `invalid_config` with the field, such as `signing[1].url` */
export function readKeysFile(path: string): KeysFile {
  try {
    return keysIn(path)
  } catch (error) {
    throw error instanceof InvalidInput ? bad(error.field ?? SETTING, error.expected ?? 'the keys') : error
  }
}

function keysIn(path: string): KeysFile {
  const document = parseDocument(contentOf(path, SETTING), { prettyErrors: false })
  const [broken] = document.errors
  if (broken) throw bad(SETTING, `YAML or JSON: ${broken.message}`)
  const file = new Reader(document.toJS({ maxAliasCount: 0 }) ?? {}, '', 'an object with signing, encryption, trust')
  file.only(['signing', 'encryption', 'trust'], 'the keys')
  const folder = dirname(path)
  const signing = listIn(file, 'signing').map((each) => signingKey(each, folder))
  const encryption = listIn(file, 'encryption').map((each) => encryptionKey(each, folder))
  refuseTwice(
    signing.map(({ url }) => url),
    'signing',
    'url',
  )
  refuseTwice(
    encryption.map(({ id }) => id),
    'encryption',
    'id',
  )
  return { signing, encryption, trust: trustIn(file.optionalObject('trust'), folder) }
}

function listIn(file: Reader, name: string): readonly Reader[] {
  return (file.optionalList(name) ?? []).map((each, index) => new Reader(each, `${file.at(name)}[${index}]`))
}

function signingKey(entry: Reader, folder: string): SigningKey {
  entry.only(['environment', 'url', 'certificate', 'key', 'from'], 'a signing key')
  const certificate = certificateIn(entry, folder)
  const key = read(entry, 'key', folder, 'an RSA key in PEM', createPrivateKey)
  if (!certificate.checkPrivateKey(key)) throw bad(entry.at('key'), 'the key of the certificate')
  return { environment: environmentIn(entry), url: addressIn(entry), key, from: momentIn(entry) }
}

function encryptionKey(entry: Reader, folder: string): EncryptionKey {
  entry.only(['environment', 'topics', 'id', 'file', 'from'], 'an encryption key')
  const { id, bytes } = sharedKey(entry, folder)
  const topics = (entry.optionalList('topics') ?? []).map((each, index) => {
    const topic = TOPICS.find(({ name }) => name === each)
    if (topic) return topic.name
    throw bad(entry.at(`topics[${index}]`), `one of ${TOPICS.map(({ name }) => name).join(', ')}`)
  })
  if (topics.length === 0) throw bad(entry.at('topics'), 'the topics that are encrypted')
  return { environment: environmentIn(entry), id, bytes, topics, from: momentIn(entry) }
}

function trustIn(entry: Reader | undefined, folder: string): Trust | null {
  if (!entry) return null
  entry.only(['certificates', 'keys'], 'the trust')
  const certificates = listIn(entry, 'certificates').map((each) => {
    each.only(['url', 'certificate'], 'a certificate')
    return [addressIn(each), certificateIn(each, folder).publicKey] as const
  })
  if (certificates.length === 0) throw bad(entry.at('certificates'), 'the certificates that are believed')
  const keys = listIn(entry, 'keys').map((each) => sharedKey(each.only(['id', 'file'], 'a key'), folder))
  refuseTwice(
    certificates.map(([url]) => url),
    'trust.certificates',
    'url',
  )
  refuseTwice(
    keys.map(({ id }) => id),
    'trust.keys',
    'id',
  )
  return { certificates: new Map(certificates), keys: new Map(keys.map(({ id, bytes }) => [id, bytes])) }
}

/** Base64 of 16, 24 or 32 bytes, as the libraries keep their keys. */
function sharedKey(entry: Reader, folder: string) {
  const bytes = read(entry, 'file', folder, 'base64 of 16, 24 or 32 bytes', (text) => {
    const key = Buffer.from(text.trim(), 'base64')
    if (!KEY_SIZES['UWIT-2'].includes(key.length)) throw new TypeError(`It has ${key.length} bytes.`)
    return key
  })
  return { id: entry.name('id'), bytes }
}

function environmentIn(entry: Reader): string {
  const environment = entry.name('environment')
  if (SYSTEM_TYPES.includes(environment)) return environment
  throw bad(entry.at('environment'), `one of ${SYSTEM_TYPES.join(', ')}`)
}

/** The libraries would read `http:` and `file:` too; whoever can publish could then name a certificate of their own. */
function addressIn(entry: Reader): string {
  const url = entry.name('url')
  if (URL.canParse(url) && new URL(url).protocol === 'https:') return url
  throw bad(entry.at('url'), 'the https: address of the certificate')
}

function momentIn(entry: Reader): number {
  const from = entry.optionalTime('from')
  return from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(from)
}

function certificateIn(entry: Reader, folder: string): X509Certificate {
  const certificate = read(
    entry,
    'certificate',
    folder,
    'an X.509 certificate in PEM',
    (pem) => new X509Certificate(pem),
  )
  if (isRsa(certificate.publicKey)) return certificate
  throw bad(entry.at('certificate'), 'a certificate of an RSA key')
}

export const isRsa = ({ asymmetricKeyType }: KeyObject): boolean => asymmetricKeyType === 'rsa'

/** What a file is read as; an error does not tell its content. */
function read<T>(entry: Reader, name: string, folder: string, expected: string, as: (text: string) => T): T {
  const text = contentOf(resolve(folder, entry.name(name)), entry.at(name))
  try {
    return as(text)
  } catch {
    throw bad(entry.at(name), expected)
  }
}

function contentOf(path: string, field: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw bad(field, `a file that can be read: ${messageOf(error)}`)
  }
}

function refuseTwice(values: readonly string[], list: string, name: string): void {
  const index = values.findIndex((value, at) => values.indexOf(value) < at)
  if (index >= 0) throw bad(`${list}[${index}].${name}`, 'another one: consumers keep what they found there')
}

const bad = (field: string, expected: string) =>
  wrong(
    field,
    expected,
    'invalid_config',
    `The keys of the Identity Registry: ${field} is wrong: expected ${expected}.`,
  )
