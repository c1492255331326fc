/**
 * A real OpenID provider on the loopback (oidc-provider), whose people sign in by name alone, and which can be made to answer wrongly.
 */
import { generateKeyPairSync } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider, { type Configuration, type KoaContextWithOIDC } from 'oidc-provider'

export interface OpenIdProvider {
  readonly issuer: string
  /** What is wrong with it from now on. */
  fault: Fault | null
  close(): Promise<void>
}

/**
 * `nonce`: the ID token is for another request; `signature`: it is signed with keys that the provider does not show; `issuer`: the
 * provider calls itself otherwise.
 */
export type Fault = 'nonce' | 'signature' | 'issuer'

export type People = Readonly<Record<string, Readonly<Record<string, unknown>>>>

export const CLIENT = { id: 'tocsin-console', secret: 'the secret of the console, which nobody guesses' }

/** @param people their claims, by `sub` */
export async function startOpenIdProvider(people: People): Promise<OpenIdProvider> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider = new Provider(issuer, configurationFor(people))
  const answer = provider.callback()
  const grounds: OpenIdProvider = {
    issuer,
    fault: null,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  server.on('request', (request, response) => {
    if (request.url?.startsWith('/interaction/')) void signIn(provider, request, response)
    else if (!answeredWrongly(grounds, request, response)) void answer(request, response)
  })
  return grounds
}

const configurationFor = (people: People): Configuration => ({
  clients: [
    {
      client_id: CLIENT.id,
      client_secret: CLIENT.secret,
      // The port of the console is not known yet: a native client may have any (RFC 8252, 7.3).
      application_type: 'native',
      redirect_uris: ['http://127.0.0.1/console/signed-in'],
      token_endpoint_auth_method: 'client_secret_basic',
    },
  ],
  claims: { openid: ['sub'], profile: ['name', 'groups', 'tenant', 'resource'], email: ['email'] },
  cookies: { keys: ['for the tests alone'] },
  jwks: { keys: [{ ...newKey(), use: 'sig', alg: 'RS256' }] },
  features: { devInteractions: { enabled: false } },
  ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
  interactions: { url: (_, { uid }) => `/interaction/${uid}` },
  findAccount: (_, sub) =>
    Object.hasOwn(people, sub) ? { accountId: sub, claims: async () => ({ sub, ...people[sub] }) } : undefined,
  // Nobody is asked whether the console may know them.
  async loadExistingGrant({ oidc }: KoaContextWithOIDC) {
    const grant = new oidc.provider.Grant({ clientId: CLIENT.id, accountId: String(oidc.session?.accountId) })
    grant.addOIDCScope('openid profile email')
    await grant.save()
    return grant
  },
})

const newKey = (kid = 'first') => ({
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }),
  kid,
})

const FORM =
  '<!doctype html><title>Sign in</title><form method="post"><label>Name <input name="sub" autofocus></label><button>Go on</button></form>'

async function signIn(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { prompt, grantId } = await provider.interactionDetails(request, response)
  // A native client is asked for each time.
  if (prompt.name === 'consent') {
    await provider.interactionFinished(request, response, { consent: { grantId } }, { mergeWithLastSubmission: true })
    return
  }
  if (request.method === 'GET') {
    response.setHeader('content-type', 'text/html').end(FORM)
    return
  }
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const sub = new URLSearchParams(Buffer.concat(chunks).toString()).get('sub') ?? ''
  const result = sub === '' ? { error: 'access_denied' } : { login: { accountId: sub } }
  await provider.interactionFinished(request, response, result)
}

function answeredWrongly(
  { fault, issuer }: OpenIdProvider,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  const json = (body: unknown) => response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
  if (fault === 'nonce') request.url = request.url?.replace(/([?&]nonce=)[^&]+/, '$1another')
  if (fault === 'signature' && request.url === '/jwks') {
    const { kty, n, e, kid } = newKey()
    json({ keys: [{ kty, n, e, kid, use: 'sig', alg: 'RS256' }] })
    return true
  }
  if (fault === 'issuer' && request.url === '/.well-known/openid-configuration') {
    json({
      issuer: 'https://other.example',
      authorization_endpoint: `${issuer}/auth`,
      token_endpoint: `${issuer}/token`,
    })
    return true
  }
  return false
}
