/**
 * Writes down in the registry what notifications tell of requests, profiles and cards, so that look-ups find them. Works
 * from the queue: nobody waits for it.
 */
import type { OperationResult, Principal, Processor, RegistryAccess } from '../../src/index.js'
import { isTocsinError } from '../../src/index.js'
import { livingOrNull } from '../living.js'
import type { Fields } from '../reader.js'
import type { NotificationType } from './kinds.js'
import { notificationOf } from './notification.js'
import { isStatus } from './request-states.js'
import { KEEPER, PROFILE, REQUEST, SMARTCARD } from './resource-types.js'
import type { ClmRequest, Notification } from './sink.js'

/** Inferred from what the notification types mean: ours. What is not named leaves the status as it is. */
const STATUS_AFTER: Readonly<Partial<Record<NotificationType, string>>> = {
  CreateProfile: 'New',
  DisableProfile: 'Disabled',
  CreateSmartcard: 'New',
  SmartcardAssignCard: 'Assigned',
  DisableSmartcard: 'Disabled',
}

interface Told {
  readonly id: string
  readonly type: string
  readonly status: string | null
  readonly owner: string | null
  readonly properties: Fields
}

export const keeperIn = (registry: RegistryAccess): Processor => ({
  name: KEEPER,
  module: 'fim-cm',
  kind: 'asynchronous',
  description: 'Keeps the requests, profiles and cards that notifications tell of.',
  types: ['fim-cm.*'],
  order: 0,
  async run(event, { tenant }) {
    const caller = keeperOf(tenant)
    const notification = notificationOf(event, '')
    const results: OperationResult[] = []
    for (const told of toldBy(notification)) results.push(await keep(registry, caller, told))
    return { results }
  },
})

const keeperOf = (tenant: string): Principal => ({
  id: KEEPER,
  name: KEEPER,
  tenant,
  roles: ['publisher'],
  scopes: ['resources:read', 'resources:write'],
  resource: null,
})

function toldBy({ notificationType, request, isSuccess }: Notification): readonly Told[] {
  // About people, and whoever hears of resources would read it: the notification alone carries it.
  const { uuid, status, dataCollection: _collected, comment: _comment, ...properties } = request
  const { targetUserUuid: owner, profileTemplateUuid, isSmartcard } = request
  const told: Told = { id: uuid, type: REQUEST, status: isStatus(status) ? status : null, owner, properties }
  const after = isSuccess ? (STATUS_AFTER[notificationType] ?? null) : null
  const made = { owner, properties: { profileTemplateUuid, requestUuid: uuid } }
  const isOfCard = notificationType.includes('Smartcard')
  const profile = profileOf(notificationType, request)
  const card = cardOf(notificationType, request)
  return [
    told,
    ...(profile === null ? [] : [{ ...made, id: profile, type: PROFILE, status: isOfCard ? null : after }]),
    // Before it is assigned nobody has the card.
    ...(card === null || isSmartcard === false
      ? []
      : [
          {
            ...made,
            id: card,
            type: SMARTCARD,
            status: isOfCard ? after : null,
            owner: notificationType === 'CreateSmartcard' ? null : owner,
          },
        ]),
  ]
}

const profileOf = (type: NotificationType, request: ClmRequest): string | null =>
  type.startsWith('Disable')
    ? (request.oldProfileUuid ?? request.newProfileUuid)
    : (request.newProfileUuid ?? request.oldProfileUuid)

const cardOf = (type: NotificationType, request: ClmRequest): string | null =>
  type.startsWith('Disable')
    ? (request.oldSmartcardUuid ?? request.newSmartcardUuid)
    : (request.newSmartcardUuid ?? request.oldSmartcardUuid)

/** What the judge of statuses refuses is told and stays: a late notification must not undo what is known. */
async function keep(registry: RegistryAccess, caller: Principal, told: Told): Promise<OperationResult> {
  const present = await livingOrNull(registry.get(caller, told.id))
  if (present && present.type !== told.type)
    return refused(`${told.id} is a ${present.type}, and was told of as a ${told.type}.`)
  try {
    await registry.change(caller, present ? updateOf(told) : createOf(told))
    return { state: 'executed', code: told.type, message: told.id }
  } catch (error) {
    if (isTocsinError(error) && ['rejected', 'wrong_state'].includes(error.code)) return refused(error.message)
    throw error
  }
}

const refused = (message: string): OperationResult => ({ state: 'exception', code: 'wrong_state', message })

const createOf = ({ id, type, status, owner, properties }: Told) =>
  ({ do: 'create', id, type, owner, status, properties: known(properties) }) as const

/** What a later notification does not tell stays. */
const updateOf = ({ id, status, owner, properties }: Told) =>
  ({
    do: 'update',
    id,
    ...(owner !== null && { owner }),
    ...(status !== null && { status }),
    properties: known(properties),
  }) as const

const known = (properties: Fields): Fields =>
  Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== null))
