/**
 * A real OpenID provider on the loopback (oidc-provider), whose people sign in by name alone, and which can be made to answer wrongly.
 */
import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
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
 * provider calls itself otherwise; `keys`: the list of them is too long. The ID token is `unsigned` (the algorithm `none`), signed by what is no secret
 * (`HS256` with the public key) or by one that the client has too (`shared`), for another `audience`, of another `author`, `expired`, without a `subject`, or
 * all is well with it and the provider's key is a new one (`rotated`).
 */
export type Fault = 'nonce' | 'signature' | 'issuer' | 'keys' | Forgery | 'rotated'
type Forgery = 'unsigned' | 'HS256' | 'shared' | 'audience' | 'author' | 'expired' | 'subject'

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
  jwks: { keys: [{ ...KEY, use: 'sig', alg: 'RS256' }] },
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

function newKey(kid = 'first') {
  return { ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }), kid }
}

const KEY = newKey()
const NEXT = newKey('second')

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
  if (fault === 'rotated' && request.url === '/jwks') {
    const { kty, n, e, kid } = NEXT
    json({ keys: [{ kty, n, e, kid, use: 'sig', alg: 'RS256' }] })
    return true
  }
  if (fault === 'keys' && request.url === '/jwks') {
    json({ keys: [], more: 'x'.repeat(2_000_000) })
    return true
  }
  if (fault !== null && request.url === '/token') retold(response, (token) => forged(token, fault))
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

/** What is answered once more, with another ID token. */
function retold(response: ServerResponse, change: (token: string) => string): void {
  const end = response.end.bind(response)
  response.end = ((body: unknown) => {
    const answer = JSON.parse(String(body)) as { id_token?: string }
    const text = JSON.stringify(answer.id_token ? { ...answer, id_token: change(answer.id_token) } : answer)
    response.setHeader('content-length', Buffer.byteLength(text))
    return end(text)
  }) as typeof response.end
}

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const asKey = (jwk: ReturnType<typeof newKey>): KeyObject => createPrivateKey({ key: jwk, format: 'jwk' })

function forged(token: string, fault: Fault): string {
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
  const by = (alg: string, changed: object, made: (text: string) => Buffer | string, kid = KEY.kid) => {
    const text = `${base64({ alg, kid, typ: 'JWT' })}.${base64({ ...claims, ...changed })}`
    return `${text}.${Buffer.from(made(text)).toString('base64url')}`
  }
  const rightly = (changed: object, key = KEY) =>
    by('RS256', changed, (text) => sign('sha256', Buffer.from(text), asKey(key)), key.kid)
  const publicKey = createPublicKey(asKey(KEY)).export({ type: 'spki', format: 'pem' })
  const shared = (secret: string | Buffer) =>
    by('HS256', {}, (text) => createHmac('sha256', secret).update(text).digest())
  if (fault === 'unsigned') return by('none', {}, () => '')
  if (fault === 'HS256') return shared(publicKey)
  if (fault === 'shared') return shared(CLIENT.secret)
  if (fault === 'audience') return rightly({ aud: 'another-client' })
  if (fault === 'author') return rightly({ iss: 'https://other.example' })
  if (fault === 'expired') return rightly({ exp: claims.iat - 3_600, iat: claims.iat - 7_200 })
  if (fault === 'subject') return rightly({ sub: undefined })
  return fault === 'rotated' ? rightly({}, NEXT) : token
}
