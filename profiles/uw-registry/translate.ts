/**
 * One message of UW's Identity Registry. The id is the envelope's `messageId`, so the same message always gives the same
 * event; `{ context, body }` has none, and intake stamps a fresh one, as two equal changes are two events.
 *
 * Types other than the documented ones are refused. `update`, which some published samples have, is test data: the
 * specification says `modify`.
 */
import type { EventInput, Translator } from '../../src/index.js'
import { present, Reader, wrong } from '../reader.js'
import { NATIVE_FIELDS, typeOf } from './catalogue.js'
import { type Opened, open } from './envelope.js'
import type { Trust } from './keys.js'
import { ENVIRONMENTS, type Environment, TOPIC_ARN_PREFIX, TOPICS, type Topic, topicOf } from './topics.js'

/** @param trust null: signatures are not verified */
export const translatorWith = (trust: Trust | null): Translator => ({
  name: 'uw-registry',
  title: 'University of Washington Identity Registry message (UWIT-1, UWIT-2)',
  translate: (message) => [eventOf(open(message, trust))],
})

function eventOf(opened: Opened): EventInput {
  const { context, body } = opened
  const topic = named(context, 'topic', TOPICS, (each) => each.name)
  const environment = named(context, 'system_type', ENVIRONMENTS, (each) => each.systemType)
  named(context, 'version', ['v1'], (each) => each)
  cameBy(opened.topicArn, environment, topic)
  const message = messageOf(body, topic)
  const tags = tagsOf(context)
  return present<EventInput>({
    id: opened.messageId,
    source: environment.source,
    type: typeOf(topic, message.type),
    // The subscription topic knows the account name alone.
    subject: message.fields.regid ?? message.fields.uwnetid,
    time: opened.time,
    tags: tags?.length === 0 ? undefined : tags,
    data: {
      record: topic.name,
      ...Object.fromEntries(topic.fields.map((field) => [NATIVE_FIELDS[field], message.fields[field]])),
      message: { type: message.type, ...message.fields },
      context: present({ system_type: environment.systemType, version: 'v1', topic: topic.name, tags }),
    },
  })
}

/** Fields of a topic alone are read: some published samples carry others, which the specification does not know. */
function messageOf(body: Reader, topic: Topic) {
  const type = named(body, 'type', topic.types, (each) => each)
  const fields: Readonly<Partial<Record<Topic['fields'][number], string>>> = Object.fromEntries(
    topic.fields.map((field) => [field, body.name(field, `the ${field} of a ${topic.name} message, a string`)]),
  )
  return { type, fields }
}

/** Messages of 2015 have no tags. An event's tags are joined by commas, so a tag holds none. */
function tagsOf(context: Reader): readonly string[] | undefined {
  return context.optionalList('tags')?.map((tag, index) => {
    const read = new Reader({ tag }, '').optionalName('tag')
    if (read === undefined || /[,\s]/.test(read))
      throw wrong(context.at(`tags[${index}]`), 'a tag such as person, account or whitepages')
    return read
  })
}

/** The member's value looked up in a closed list. */
function named<T>(reader: Reader, name: string, known: readonly T[], nameOf: (each: T) => string): T {
  const value = reader.name(name, `one of ${known.map(nameOf).join(', ')}`)
  const found = known.find((each) => nameOf(each) === value)
  if (found !== undefined) return found
  throw wrong(reader.at(name), `one of ${known.map(nameOf).join(', ')}`)
}

/** A message of one environment that came by the topic of another is nobody's. Topics of other accounts are not judged. */
function cameBy(topicArn: string | undefined, environment: Environment, topic: Topic): void {
  const expected = topicOf(environment, topic).arn
  if (topicArn === undefined || !topicArn.startsWith(TOPIC_ARN_PREFIX) || topicArn === expected) return
  throw wrong('TopicArn', `${expected}, the topic of the message's own context`)
}
