/**
 * The registry's messages as its consumers read them: the base64 of a signed UWIT envelope, what Amazon SNS carries as
 * `Message`. `uwit-1` and `uwit-2` say what the registry says; with `-full` the body has more members, which consumers of today
 * pass over.
 */
import { randomBytes } from 'node:crypto'
import type { AnyEvent, Format, WireMessage } from '../../src/index.js'
import { wrong } from '../reader.js'
import { sourceIn } from './consumers.js'
import type { Keys } from './keys.js'
import { attributesOf, type Message, messageOf, moreOf } from './message.js'
import { ENVIRONMENTS } from './topics.js'
import { type Letter, toWire, VERSIONS, type Version, write } from './uwit.js'

/** Amazon SNS takes 256 KiB; the registry's Python library 260,000 characters. */
const MOST_CHARACTERS = 260_000

/** @param now milliseconds: decides which key signs */
export const formats = (keys: Keys, now: () => number): readonly Format[] =>
  VERSIONS.flatMap((version) =>
    [false, true].map((full) => ({
      name: `${version.toLowerCase()}${full ? '-full' : ''}`,
      title: `University of Washington Identity Registry, ${version}${full ? ', with rows, sequence and old identifier' : ''}`,
      check: checkSubscription,
      encode: (event: AnyEvent) => encoded(version, event, full, keys, now()),
    })),
  )

interface Asked {
  readonly filters: readonly unknown[]
  readonly payload: unknown
}

/** Whoever reads one environment is never told another: a subscription says which it is. Of ids alone no message can be made. @throws InvalidInput */
function checkSubscription({ filters, payload }: Asked): void {
  if (payload === 'thin') throw wrong('payload', 'full: a message is made of the event’s data', 'invalid_request')
  const said = filters.map(sourceIn)
  if (ENVIRONMENTS.some(({ source }) => said.includes(source))) return
  const sources = ENVIRONMENTS.map(({ source }) => JSON.stringify(source)).join(' or ')
  throw wrong('filters', `{"exact": {"source": ${sources}}}: one environment`, 'invalid_request')
}

function encoded(version: Version, event: AnyEvent, full: boolean, keys: Keys, at: number): WireMessage {
  const message = messageOf(event)
  const { environment, topic } = message.at
  const letter = letterOf(message, full ? { ...message.body, ...moreOf(event) } : message.body)
  const signer = keys.signer(environment.systemType, at)
  const shared = keys.encrypts(environment.systemType, topic.name, at)
  const body = toWire(write(version, letter, signer, shared, randomBytes))
  if (body.length > MOST_CHARACTERS) throw new TypeError(`The message has more than ${MOST_CHARACTERS} characters.`)
  return { headers: headersOf(message), body }
}

const letterOf = ({ messageId, timestamp, context }: Message, body: Readonly<Record<string, unknown>>): Letter => ({
  ...{ contentType: 'json', messageType: 'idreg', sender: 'idregistry', messageId, timestamp },
  context: JSON.stringify(context),
  body: JSON.stringify(body),
})

/** Message attributes, as headers: `uw-topic`, `uw-type`, `uw-tags`, `uw-system-type`, and `uw-topic-arn`. */
const headersOf = (message: Message): Readonly<Record<string, string>> => ({
  'content-type': 'text/plain; charset=us-ascii',
  ...Object.fromEntries(
    Object.entries(attributesOf(message)).map(([name, value]) => [`uw-${name.replaceAll('_', '-')}`, value]),
  ),
  'uw-topic-arn': message.at.arn,
})
