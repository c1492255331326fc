/**
 * Notification sinks as processors: each registration is a witness, or asynchronous where its class is declared slow.
 */
import {
  type HandlerClass,
  InvalidInput,
  instanceOf,
  type Principal,
  type Registrar,
  type Registration,
} from '../../src/index.js'
import { keeperIn } from './keeper.js'
import { KINDS, kindOf, unknownKind } from './kinds.js'
import { notificationOf } from './notification.js'
import { provisionFor } from './provision.js'
import { shownData } from './shown-data.js'
import { sinkOf } from './sink.js'

/** `Type, Assembly`: the samples have it with and without the space. */
export const classNameOf = (text: string): string =>
  text
    .split(',')
    .map((part) => part.trim())
    .join(', ')

/** @param now milliseconds since 1970 */
export const registrarAt = (now: () => number): Registrar => ({
  name: 'fim-cm',
  title: 'Notification sinks of FIM CM (ClmNotifications)',
  className: classNameOf,
  check: checked,
  frame: frameOf,
  shown: shownData,
  before: (registry) => [keeperIn(registry)],
  async start({ class: name, event = '', data = '' }, known, registry) {
    const begin = async (made: unknown) => {
      const sink = sinkOf(made, name)
      await sink.initialize(data)
      return sink
    }
    const instance = await instanceOf(known, name, begin, NOTHING_ANSWERED)
    return {
      close: () => instance.close(),
      async run(told, { tenant, signal }) {
        if (told.type !== `fim-cm.${event}`)
          throw new TypeError(`It is registered for ${event} and was called for ${told.type}.`)
        const notification = notificationOf(told, new Date(now()).toISOString())
        const provision = provisionFor(registry, sinkPrincipal(tenant, name, known), notification.request)
        await instance.use(async (sink, inner) => sink.notify(notification, { provision, signal: inner }), signal)
      },
    }
  },
})

/** Notification handlers do not communicate back. */
const NOTHING_ANSWERED: readonly string[] = []

function checked({ class: given, event = '', data = '' }: Registration): Registration {
  const name = classNameOf(given)
  if (name.split(', ').some((part) => part === ''))
    throw wrong('class', `${JSON.stringify(given)} names no class.`, 'Type,Assembly')
  if (!kindOf(event)) throw wrong('event', unknownKind(event), `one of ${KINDS.map((kind) => kind.name).join(', ')}`)
  return { class: name, event, data }
}

const wrong = (field: string, message: string, expected: string): InvalidInput =>
  new InvalidInput('invalid_request', message, { field, expected })

/** Names of processors are at most 128 characters, and a number may be added. */
const LONGEST_TYPE = 80

function frameOf({ class: name, event = '', data = '' }: Registration, known: HandlerClass | undefined) {
  const type = (name.split(',')[0] ?? '').replace(/[^\w.-]/g, '_').slice(-LONGEST_TYPE)
  const options = { event, class: name, initializationData: shownData(data) }
  return {
    name: `fim-cm:${event}:${type}`,
    module: 'fim-cm',
    kind: known?.asynchronous ? ('asynchronous' as const) : ('witness' as const),
    description: `Notification sink ${name}`,
    types: [`fim-cm.${event}`],
    ...(known?.deadline !== undefined && { deadline: known.deadline }),
    options,
    // They are shown, not set: a registration is changed by registering anew.
    optionsSchema: {
      type: 'object',
      properties: Object.fromEntries(Object.entries(options).map(([member, value]) => [member, { const: value }])),
      additionalProperties: false,
    },
  }
}

/** It reads the registry of the event's tenant, and nothing else. */
const sinkPrincipal = (tenant: string, name: string, { resource }: HandlerClass): Principal => ({
  id: 'fim-cm:sink',
  name,
  tenant,
  roles: ['reader'],
  scopes: ['resources:read'],
  resource: resource ?? null,
})
