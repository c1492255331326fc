/**
 * A database setting that is a URL of PostgreSQL. Its password is shown nowhere.
 */
const POSTGRES = /^postgres(?:ql)?:\/\//i
const MASK = '***'
/** Parameters of a URL that hold a secret, as libpq names them. */
const SECRETS = ['password', 'sslpassword']

export const isPostgres = (database: string): boolean => POSTGRES.test(database)

/** It has a database, and nothing in it means two things. */
export function isReadable(url: string): boolean {
  return URL.canParse(url) && new URL(url).pathname.length > 1
}

/** The URL as people may see it. */
export function withoutPassword(database: string): string {
  if (!isPostgres(database)) return database
  if (!URL.canParse(database)) return MASK
  const url = new URL(database)
  if (url.password !== '') url.password = MASK
  for (const name of SECRETS) if (url.searchParams.has(name)) url.searchParams.set(name, MASK)
  return url.href
}

/** The URL without its password, as it may be written down. */
export function leavePasswordOut(database: string): string {
  const url = new URL(database)
  url.password = ''
  for (const name of SECRETS) url.searchParams.delete(name)
  return url.href
}
