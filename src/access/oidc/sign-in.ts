/**
 * Signing in by OpenID Connect, from the button to the session. What must come back lies sealed in the browser meanwhile, so any node
 * may finish what another began.
 */
import { AccessDenied, InvalidInput } from '../../errors.js'
import type { EgressClient } from '../egress/client.js'
import type { Principal } from '../principal.js'
import type { SealPlace } from '../seal.js'
import type { Sealer } from '../sealer.js'
import type { OpenSession, Sessions } from '../sessions.js'
import { personOf } from './person.js'
import { type Asked, Provider } from './provider.js'
import { type OidcSettings, titleOf } from './settings.js'

export interface SignInWorld {
  readonly egress: Pick<EgressClient, 'send'>
  readonly sealer: Sealer
  readonly sessions: Pick<Sessions, 'open'>
  readonly now: () => number
  /** Whether there is such a tenant, and it is not shut out. */
  readonly isOpen: (tenant: string) => Promise<boolean>
  /** Told of everybody who signed in. */
  readonly entered: (person: Principal) => Promise<void>
}

export interface Begun {
  /** Where the browser is to go. */
  readonly url: string
  /** For the browser to keep meanwhile; says nothing to it. */
  readonly token: string
  /** Milliseconds since 1970. */
  readonly until: number
}

/** Where the provider sends people back to; a page of the console. */
const RETURN = '/console/signed-in'

/** Milliseconds to type a password and find a second factor. */
const LASTS = 600_000
const USUAL_SESSION = 720
const MINUTE = 60_000

const PLACE: SealPlace = { tenant: '', record: 'sign-in', path: 'asked' }

interface Kept extends Asked {
  readonly until: number
}

export class SignIn {
  readonly #settings: OidcSettings | null
  readonly #provider: Provider | null
  readonly #world: SignInWorld

  /** @param settings null: nobody set it up */
  constructor(settings: OidcSettings | null, world: SignInWorld) {
    const { egress, now } = world
    this.#settings = settings
    this.#world = world
    this.#provider = settings && new Provider(settings, { egress, now })
  }

  /** What the provider is called; null: one signs in by key alone. */
  get title(): string | null {
    return this.#settings && titleOf(this.#settings)
  }

  /**
   * @param origin of the page that asks: there the provider sends it back to, if it was told of the place
   * @throws InvalidInput when it is not set up; Unavailable
   */
  async begin(origin: string): Promise<Begun> {
    const { url, asked } = await this.#setUp().provider.begin(origin + RETURN)
    const until = this.#world.now() + LASTS
    const kept: Kept = { ...asked, until }
    return { url, token: this.#world.sealer.seal(JSON.stringify(kept), PLACE), until }
  }

  /**
   * @param token what `begin` gave the browser to keep
   * @param answer the query that the provider sent it back with
   * @throws AccessDenied `unauthenticated`: it does not hold; `forbidden`: it does, and gives no right here; Unavailable
   */
  async finish(token: string | null, answer: string): Promise<OpenSession> {
    const { settings, provider } = this.#setUp()
    const claims = await provider.finish(answer, this.#kept(token))
    const person = personOf(claims, settings)
    await this.#requireTenant(person)
    await this.#world.entered(person)
    return this.#world.sessions.open(person, (settings.session ?? USUAL_SESSION) * MINUTE)
  }

  #setUp() {
    if (this.#settings && this.#provider) return { settings: this.#settings, provider: this.#provider }
    throw new InvalidInput('invalid_config', 'Signing in by OpenID Connect is not set up here.', {
      field: 'console.oidc.issuer',
      expected: 'console.oidc in the configuration',
    })
  }

  #kept(token: string | null): Kept {
    const kept = token === null ? null : this.#opened(token)
    if (kept && kept.until > this.#world.now()) return kept
    throw new AccessDenied('unauthenticated', 'This sign-in was not begun in this browser in the last ten minutes.', {
      expected: 'to sign in again, from the page of the console',
    })
  }

  #opened(token: string): Kept | null {
    try {
      return JSON.parse(this.#world.sealer.open(token, PLACE)) as Kept
    } catch {
      return null
    }
  }

  async #requireTenant({ tenant }: Principal): Promise<void> {
    if (await this.#world.isOpen(tenant)) return
    throw new AccessDenied('forbidden', `There is no tenant ${JSON.stringify(tenant.slice(0, 63))} that is open.`, {
      field: 'console.oidc',
      expected: 'a tenant that an operator made, in console.oidc.tenant or in the claim console.oidc.tenantClaim names',
    })
  }
}
