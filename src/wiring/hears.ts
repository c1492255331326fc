/**
 * What the hub does when another node says what it did: whoever keeps or awaits something looks again.
 */
import type { Cluster, Signal } from '../store/cluster.js'

export interface Hearing {
  readonly access: { forget(): void }
  readonly index: { forget(tenant: string): void; forgetAll(): void }
  readonly errands: { forgetAll(): void }
  readonly elsewhere: { admitted(tenant: string): void; settled(tenant: string): void; anything(): void }
  readonly breakers: { refresh(): void }
  /** Who left somebody to be told may be gone. */
  readonly fanOut: { begin(): void }
  readonly worker: { wake(): void; hear(): void; check(): void }
  readonly processing: { refresh(): void }
  readonly processors: { refresh(): Promise<void> }
  /** Types may have been defined elsewhere. */
  readTypes(): Promise<void>
  readonly registrations: { load(): Promise<void> }
  readonly captures: { load(): Promise<void> }
  /** A subscription was changed elsewhere. */
  changed(tenant: string, id: string): void
  failed(error: unknown): void
}

export const listenTo = (cluster: Cluster, hearing: Hearing): (() => void) =>
  cluster.listen((signal) => hear(signal, hearing))

function hear(signal: Signal, hearing: Hearing): void {
  switch (signal.of) {
    case 'events':
      hearing.elsewhere.admitted(signal.tenant)
      break
    case 'settled':
      hearing.elsewhere.settled(signal.tenant)
      break
    case 'tasks':
      hearing.worker.hear()
      break
    case 'leases':
      hearing.worker.check()
      break
    case 'subscription':
      hearing.changed(signal.tenant, signal.id)
      break
    case 'access':
      hearing.access.forget()
      break
    case 'settings':
      readAgain(hearing)
      break
    case 'breakers':
      hearing.breakers.refresh()
      break
    case 'unknown':
      lookAgain(hearing)
      break
  }
}

function readAgain({ processing, processors, registrations, captures, readTypes, failed }: Hearing): void {
  processing.refresh()
  processors.refresh().catch(failed)
  readTypes().catch(failed)
  registrations.load().catch(failed)
  captures.load().catch(failed)
}

/** Anything may have happened. */
export function lookAgain(hearing: Hearing): void {
  hearing.access.forget()
  hearing.index.forgetAll()
  hearing.errands.forgetAll()
  hearing.elsewhere.anything()
  hearing.breakers.refresh()
  hearing.worker.check()
  hearing.worker.wake()
  hearing.fanOut.begin()
  readAgain(hearing)
}
