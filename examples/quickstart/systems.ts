/**
 * The messages of the five systems, exactly as each writes them; Tocsin translates them (`POST /v1/translate/NAME`).
 *
 * The profiles' own samples name a new thing in every message. Here a few things recur, so that there is an order to keep.
 * What a message is about is read from it by hand: this is the publisher's knowledge, not Tocsin's.
 */
import { type AimsEvent, samples as actividSamples } from '../../profiles/activid-cms/samples.js'
import { samples as apsSamples } from '../../profiles/aps/samples.js'
import { samples as czechidmSamples, type EntityEvent } from '../../profiles/czechidm/samples.js'
import { samples as fimSamples, type Notification } from '../../profiles/fim-cm/samples.js'
import { hex, type Random, uuid } from '../../profiles/random.js'
import { type Envelope, samples as uwSamples } from '../../profiles/uw-registry/samples.js'
import type { Fact, Story, System } from './story.js'
import { type Customer, customerOf, northgateSees } from './world.js'

/** Messages of each system, and the stories they are dealt out to. */
const MESSAGES = 250
const STORIES = 25

export const systemStories = (random: Random): readonly Story[] => [
  ...actividCms(random),
  ...fimCm(random),
  ...uwRegistry(random),
  ...aps(random),
  ...czechidm(random),
]

/** ActivID CMS: events 1xxxx are about a card, 2xxxx about a credential on it, others about users and requests nobody registered. */
const actividCms = (random: Random): readonly Story[] =>
  dealt(actividSamples(MESSAGES, random), (messages, owner) => {
    const card = hex(random, 16).toUpperCase()
    return {
      cast: [{ id: card, type: 'badge', owner }],
      steps: messages.map((message) => {
        const kind = Math.floor(Number(message.EventID) / 10_000)
        const about = kind === 1 ? 'device' : kind === 2 ? 'credential' : 'other'
        const fact = {
          about,
          succeeded: message.Status === 0,
          northgateSees: kind <= 2 && northgateSees(owner),
        } as const
        return send('activid-cms', onCard(message, card), fact)
      }),
    }
  })

const onCard = (message: AimsEvent, card: string): AimsEvent => ({
  ...message,
  ClientID: typeof message.ClientID === 'string' ? message.ClientID.replace(/[0-9A-F]{16}$/, card) : null,
})

const FIM_DEVICE = [
  'CreateSmartcard',
  'DisableSmartcard',
  'SmartcardAssignCard',
  'SmartcardPinRolloverExecute',
  'SmartcardPrint',
]
const FIM_CREDENTIAL = ['CreateProfile', 'DisableProfile', 'DistributeSecrets', 'DownloadPfx', 'InstallCertificate']

/** FIM CM: requests, profiles (software credentials) and smart cards of one person. */
const fimCm = (random: Random): readonly Story[] =>
  dealt(fimSamples(MESSAGES, random), (messages, owner) => {
    const [person, request, profile, card] = [uuid(random), uuid(random), uuid(random), uuid(random)]
    const ids = { Uuid: request, TargetUserUuid: person, ProfileUuid: profile, SmartcardUuid: card }
    return {
      cast: [request, profile, card].map((id) => ({ id, type: 'record', owner })),
      steps: messages.map((message) => {
        const kind = message.NotificationType
        const about = FIM_DEVICE.includes(kind) ? 'device' : FIM_CREDENTIAL.includes(kind) ? 'credential' : 'other'
        const fact = { about, succeeded: message.IsSuccess, northgateSees: northgateSees(owner) } as const
        return send('fim-cm', ofPerson(message, ids), fact)
      }),
    }
  })

const NONE = '00000000-0000-0000-0000-000000000000'

/** Puts the ids in, wherever the message has one: `NewProfileUuid` and `OldProfileUuid` are `ProfileUuid`. */
function ofPerson(message: Notification, ids: Readonly<Record<string, string>>): Notification {
  const replaced = Object.entries(message.Request).map(([name, value]) => {
    const id = ids[name.replace(/^(New|Old)/, '')]
    return [name, id === undefined || value === NONE ? value : id] as const
  })
  return { ...message, Request: Object.fromEntries(replaced) }
}

/** The University of Washington's registry of persons: about a person (regid) or an account name (uwnetid). */
const uwRegistry = (random: Random): readonly Story[] =>
  dealt(uwSamples(MESSAGES, random), (messages, owner) => {
    const regid = hex(random, 32).toUpperCase()
    const uwnetid = `net${hex(random, 5)}`
    return {
      cast: [regid, uwnetid].map((id) => ({ id, type: 'person', owner })),
      steps: messages.map((message) => send('uw-registry', inBody(message, { regid, uwnetid }), plain(owner))),
    }
  })

function inBody(message: Envelope, ids: Readonly<Record<string, string>>): Envelope {
  const body: Readonly<Record<string, string>> = JSON.parse(Buffer.from(message.body, 'base64').toString())
  const replaced = Object.entries(body).map(([name, value]) => [name, ids[name] ?? value] as const)
  return { ...message, body: Buffer.from(JSON.stringify(Object.fromEntries(replaced))).toString('base64') }
}

/** An APS service controller: about a resource of its own. */
const aps = (random: Random): readonly Story[] =>
  dealt(apsSamples(MESSAGES, random), (messages, owner) => {
    const id = uuid(random)
    return {
      cast: [{ id, type: 'service', owner }],
      steps: messages.map(({ headers, body }) =>
        send('aps', { headers, body: { ...body, source: { id } } }, plain(owner)),
      ),
    }
  })

/** CzechIdM: one entity of each class, from its creation to its deletion. */
function czechidm(random: Random): readonly Story[] {
  const messages = czechidmSamples(MESSAGES, random)
  const classes = [...new Set(messages.map(({ ownerType }) => ownerType))]
  return classes.map((ownerType, index) => {
    const id = uuid(random)
    const owner = customerOf(index)
    const own = messages.filter((message) => message.ownerType === ownerType)
    return {
      cast: [{ id, type: 'entity', owner }],
      steps: own.map((message) => send('czechidm', ofEntity(message, id), plain(owner))),
    }
  })
}

/** Without a date in the future: what is planned for next month would outlast the run. */
const ofEntity = (message: EntityEvent, id: string): EntityEvent => ({
  ...message,
  ownerId: id,
  superOwnerId: id,
  executeDate: null,
})

const plain = (owner: Customer): Fact => ({ about: 'other', succeeded: true, northgateSees: northgateSees(owner) })

const send = (system: System, body: unknown, fact: Fact) =>
  ({ system, method: 'POST', path: `/v1/translate/${system}`, body, facts: [fact] }) as const

/** Deals messages out like cards, and makes a story of each hand. */
function dealt<T>(messages: readonly T[], tell: (hand: readonly T[], owner: Customer) => Story): readonly Story[] {
  return Array.from({ length: STORIES }, (_, index) =>
    tell(
      messages.filter((_, position) => position % STORIES === index),
      customerOf(index),
    ),
  )
}
