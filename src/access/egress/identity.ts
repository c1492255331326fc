/**
 * What we show a receiver that asks for a certificate, and whom we trust there, by origin. It belongs to the operator, as
 * all policy of egress does: a tenant's target cannot choose it. It may bring one of its own, which then stands alone.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { InvalidInput, messageOf } from '../../errors.js'

export interface CertificateFiles {
  readonly cert?: string | undefined
  readonly key?: string | undefined
  readonly ca?: string | undefined
}

/** PEM. */
export interface Identity {
  readonly cert?: string
  readonly key?: string
  readonly ca?: string
}

/** What one target shows and trusts. Connections are shared by those alone whose digest is the same. */
export interface OwnIdentity {
  readonly fields: Identity
  readonly digest: string
}

/** Undefined where nothing is its own. */
export function ownIdentity({ ca, cert, key }: Identity): OwnIdentity | undefined {
  if (ca === undefined && cert === undefined && key === undefined) return undefined
  const fields = {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  }
  return {
    fields,
    digest: createHash('sha256')
      .update(JSON.stringify([ca, cert, key]))
      .digest('base64url'),
  }
}

/** @throws InvalidInput `invalid_config` for a file that cannot be read or holds no such thing */
export const identitiesFrom = (files: Readonly<Record<string, CertificateFiles>>): ReadonlyMap<string, Identity> =>
  new Map(Object.entries(files).map(([origin, each]) => [origin, identityFrom(origin, each)]))

function identityFrom(origin: string, files: CertificateFiles): Identity {
  try {
    const given = Object.entries(files).filter((pair): pair is [string, string] => typeof pair[1] === 'string')
    const identity: Identity = Object.fromEntries(given.map(([name, file]) => [name, readFileSync(file, 'utf8')]))
    createSecureContext(identity)
    return identity
  } catch (error) {
    throw new InvalidInput('invalid_config', `The certificate for ${origin} cannot be used: ${messageOf(error)}.`, {
      field: `egress.certificates.${origin}`,
      expected: 'readable files in PEM, a key that belongs to the certificate',
    })
  }
}
