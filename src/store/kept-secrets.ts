/**
 * Secrets of the instance itself, made when first asked for and the same ever after, on every node: sealed in a setting.
 */
import type { Cluster } from './cluster.js'
import type { SettingStore } from './port.js'

export interface KeptSecretsDependencies {
  readonly settings: SettingStore
  readonly cluster: Pick<Cluster, 'lead'>
  readonly sealer: {
    seal(plain: string, place: Place): string
    open(sealed: string, place: Place): string
  }
  now(): number
}

interface Place {
  readonly tenant: string
  readonly record: string
  readonly path: string
}

/** Milliseconds until another node that makes it is looked at again. */
const PAUSE = 50

export class KeptSecrets {
  readonly #dependencies: KeptSecretsDependencies
  readonly #known = new Map<string, Promise<string>>()

  constructor(dependencies: KeptSecretsDependencies) {
    this.#dependencies = dependencies
  }

  /** @throws InvalidInput `invalid_config` when the instance keeps no secrets */
  get(name: string, make: () => string): Promise<string> {
    const known = this.#known.get(name)
    if (known) return known
    const found = this.#find(name, make)
    this.#known.set(name, found)
    found.catch(() => this.#known.delete(name))
    return found
  }

  async #find(name: string, make: () => string): Promise<string> {
    const { settings, cluster, sealer, now } = this.#dependencies
    const setting = `secret.${name}`
    const place = { tenant: '', record: setting, path: 'value' }
    for (;;) {
      const kept = await settings.get(setting)
      if (kept !== null) return sealer.open(JSON.parse(kept) as string, place)
      const made = await cluster.lead(setting, async () => {
        if ((await settings.get(setting)) === null)
          await settings.put(setting, JSON.stringify(sealer.seal(make(), place)), now(), 'local')
        return true
      })
      if (made === null) await new Promise((resolve) => setTimeout(resolve, PAUSE))
    }
  }
}
