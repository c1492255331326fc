/**
 * Who published an event is told that asynchronous processors will work on it: a line of the log, and an event for those
 * that subscribe to it.
 */
import type { Principal } from '../access/principal.js'
import type { AnyEvent, EventInput } from '../event/envelope.js'
import type { Placed } from '../pipeline/line-up.js'
import type { AttemptLog } from './log-attempt.js'
import * as own from './operator-events.js'

export interface NoticesDependencies {
  readonly log: Pick<AttemptLog, 'info'>
  /** Whether a line is written. */
  readonly enabled: boolean
  /** Whether some subscription of the tenant asks for events of the type. */
  hears(tenant: string, type: string): boolean | Promise<boolean>
  tell(tenant: string, event: EventInput): void
  failed(error: unknown): void
}

export class Notices {
  readonly #dependencies: NoticesDependencies

  constructor(dependencies: NoticesDependencies) {
    this.#dependencies = dependencies
  }

  queued(event: AnyEvent, sequence: number, caller: Principal, chain: readonly Placed[]): void {
    if (event.skipNotification || own.isOwn(event)) return
    if (this.#dependencies.enabled) this.#write(event, caller, chain)
    const hears = this.#dependencies.hears(caller.tenant, own.QUEUED)
    if (hears !== false) this.#tell(hears, event, sequence, caller, chain).catch(this.#dependencies.failed)
  }

  #write({ id, type, subject }: AnyEvent, { tenant, id: principal }: Principal, chain: readonly Placed[]): void {
    const processors = chain.map(({ processor }) => processor.name)
    const about = { tenant, event: id, type, subject, principal, processors }
    this.#dependencies.log.info({ topic: 'core:event', code: 'EVENT_ACCEPTED', ...about }, 'event accepted')
  }

  /** Only where somebody may hear it: an event nobody wants costs a commit too. */
  async #tell(
    hears: true | Promise<boolean>,
    event: AnyEvent,
    sequence: number,
    caller: Principal,
    chain: readonly Placed[],
  ): Promise<void> {
    if (!(await hears)) return
    const processors = chain.map(({ processor }) => processor)
    this.#dependencies.tell(caller.tenant, own.processingQueued(event, sequence, caller.id, processors))
  }
}
