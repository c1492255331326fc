/**
 * Where a database is: the URL of a target.
 */
import { badTarget } from '../target.js'

export interface Server {
  readonly kind: 'postgres' | 'mariadb'
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
}

const HOST = /^[A-Za-z0-9]([A-Za-z0-9.:_-]*[A-Za-z0-9])?$/
const WANTED = 'postgres:// or mariadb:// and USER@HOST:PORT/DATABASE'
const PORTS = { postgres: 5432, mariadb: 3306 } as const

/** @throws InvalidInput `invalid_request` for `target.url`; its text is not repeated, as it may hold a password. */
export function readServer(text: string): Server {
  const [, scheme] = /^(postgres(?=ql:|:)|mariadb(?=:))(?:ql)?:\/\//i.exec(text) ?? []
  const url = scheme !== undefined && URL.canParse(text) ? new URL(text) : null
  if (url === null) throw badTarget('.url', 'The URL cannot be read.', WANTED)
  if (url.password !== '')
    throw badTarget('.url', 'The URL carries a password, and a URL is no secret.', 'the password in password')
  if (url.search !== '' || url.hash !== '') throw badTarget('.url', 'The URL has parameters.', `${WANTED}, and no more`)
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  if (!HOST.test(host) && !host.includes(':')) throw badTarget('.url', 'The URL names no host.', WANTED)
  const [user, database] = [decoded(url.username), decoded(url.pathname.slice(1))]
  if (user === '' || database === '' || /[/\0]/.test(database))
    throw badTarget('.url', 'The URL lacks a user or a database.', WANTED)
  const kind = /^mariadb$/i.test(scheme ?? '') ? 'mariadb' : 'postgres'
  return { kind, host, port: Number(url.port || PORTS[kind]), user, database }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw badTarget('.url', 'The URL cannot be read.', WANTED)
  }
}
