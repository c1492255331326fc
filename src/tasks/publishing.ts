/**
 * Those who let events in: from publishers, changes of resources, imports, hosts' transactions, and what follows from events.
 */
import type { Principal } from '../access/principal.js'
import { QuotaKeeper, whenItMay } from '../access/quota-keeper.js'
import type { EventInput } from '../event/envelope.js'
import { toBody } from '../formats/cloudevents.js'
import { fromBody } from '../formats/read-cloudevents.js'
import { Imports } from '../registry/imports.js'
import { Resources } from '../registry/resources.js'
import type { AdmittedReceipt, TaskCounts } from '../store/port.js'
import { UNFINISHED_STATES } from '../store/rows.js'
import { inShort } from '../telemetry.js'
import { Addressed } from './admit/addressed.js'
import { Committer } from './admit/committer.js'
import { Publisher } from './admit/publisher.js'
import type { Receipt } from './admit/receipt.js'
import { Receipts } from './admit/receipts.js'
import { Resumer } from './admit/resumer.js'
import type { Common } from './common.js'
import type { Events } from './events.js'
import { createInside } from './inbox/create.js'
import { PUBLISHING } from './local.js'
import { Notices } from './notices.js'
import type { TasksOptions } from './options.js'
import type { Working } from './working.js'

export function createPublishing(options: TasksOptions, common: Common, working: Working, events: Events) {
  const { store, cluster, intake, lineUp, index, openTypes, measure, log, failed, now } = options
  const { news, bell, waiting, subjects, resourceType, publisherOf, processing, tell, told } = common
  const { worker, fanOut, local, closed } = working
  const committer = new Committer({
    ...{ store, lineUp, likeness: options.likeness, toBody, committed: measure.committed, now },
    asynchronous: () => processing.asynchronous,
    failed: (processor, error) => log.warn({ processor, ...inShort(error) }, 'processor asked'),
    hands: worker,
    matching: (tenant) => index.get(tenant),
    rematch: async (tenant, version) => void (await index.reload(tenant, version)),
    resourceType: async (tenant, id) => (await store.registry.get(tenant, id))?.type ?? null,
  })
  const notices = new Notices({
    ...{ log, enabled: options.processing.notify, tell, failed },
    hears: (tenant, type) => {
      const known = index.get(tenant)
      return known instanceof Promise ? known.then((loaded) => loaded.hears(type)) : known.hears(type)
    },
  })
  const admitted = (tenant: string, rows: readonly AdmittedReceipt[]) => {
    news.tell(tenant)
    for (const { tasks } of rows) for (const subscription of tasks) bell.ring({ tenant, subscription })
    if (rows.some(({ untold }) => untold > 0)) fanOut.begin()
    // What was born leased is in good hands already, and what is stopped is nobody's yet.
    const isOpen = (subscription: string) => !closed().includes(subscription)
    if (rows.some(({ tasks, untold, leased }) => tasks.filter(isOpen).length - untold > leased.length)) worker.wake()
  }
  const receipts = new Receipts({
    ...{ lineUp, store, waiting, resourceType, admitted },
    witness: async (leased, event, caller, witnesses) => {
      const settled = await worker.hold([leased], () => local.witnessNow(leased, event, caller, witnesses))
      told(leased, settled)
      return settled
    },
    take: (leased) => worker.take(leased),
    work: async (leased) => (await worker.work(leased))?.settlement ?? null,
    freed: () => worker.wake(),
    hasRoom: (lane) => worker.hasRoom(lane),
    queued: (event, { sequence }, caller, chain) => notices.queued(event, sequence, caller, chain),
  })
  const receive = async (input: EventInput, caller: Principal) =>
    subjects.introduce(intake.receive(input, caller, await openTypes(caller.tenant)), caller.tenant, null)
  const inside = createInside(store, {
    ...{ committer, receipts, lineUp, receive, publisherOf, tell, audit: options.audit, failed, now },
    recheck: intake.recheck.bind(intake),
    changed: (tenant) => subjects.changed(tenant),
    lead: cluster.lead,
  })
  const quotas = new QuotaKeeper({
    tenant: options.tenant,
    takeTurns: (tenant, rate, turns) => cluster.takeTurns({ tenant, subscription: PUBLISHING }, rate, turns),
    unfinishedTasks: async (tenant) => unfinishedIn(await store.tasks.counts(tenant)),
    now,
  })
  const takeQuota = quotas.take.bind(quotas)
  const publisher = new Publisher({
    ...{ intake, lineUp, committer, receipts, subjects, store, openTypes, takeQuota, now },
    inside: inside.inside,
    published: measure.published,
  })
  const resources = new Resources<Receipt>({
    store: store.registry,
    types: options.resourceTypes,
    submit: (operation, caller, committed) =>
      publisher.submit(operation, caller, () => {
        subjects.changed(caller.tenant)
        committed()
      }),
  })
  const imports = new Imports({
    ...{ store: store.imports, audit: options.audit, now },
    changes: {
      get: resources.get.bind(resources),
      change: (caller, change, signal) => whenItMay(() => resources.change(caller, change), signal),
    },
    checkProperties: (type, properties) => options.resourceTypes.checkProperties(type, properties),
    imported: (tenant) => subjects.changed(tenant),
  })
  const resumer = new Resumer({
    ...{ lineUp, committer, store, receipts, subjects, resourceType, intake, openTypes, publisherOf },
    ...{ tell, fromBody, toBody, now },
    row: (caller, id, source) => events.row(caller, id, source),
    derive: (tenant, change) => resources.derive(tenant, change),
  })
  const addressed = new Addressed({
    ...{ admitted, toBody, now },
    add: (admission) => committer.add(admission),
    find: (tenant, id, source) => store.log.find(tenant, id, source),
    addressees: (tenant) => index.get(tenant),
    reload: async (tenant, version) => void (await index.reload(tenant, version)),
  })
  return { publisher, resources, imports, resumer, inside, addressed, takeQuota }
}

const unfinishedIn = (counts: TaskCounts): number =>
  UNFINISHED_STATES.reduce((sum, state) => sum + (counts[state] ?? 0), 0)
