/**
 * Registry messages as UW's production registry writes them (UWIT-1), made up, every topic and type in turn. They are not
 * signed: the signature is a placeholder.
 */
import { below, hex, inTurn, moment, pick, type Random, uuid } from '../random.js'
import { type ChangeType, type Field, TOPICS, type Topic } from './topics.js'

export interface Envelope {
  readonly header: Readonly<Record<string, string>>
  readonly body: string
}

const KINDS = TOPICS.flatMap((topic) => topic.types.map((type) => ({ topic, type })))

/** @param random seeded, from 0 up to 1: the same seed gives the same messages. */
export const samples = (n: number, random: Random): readonly Envelope[] =>
  inTurn(n, KINDS, (kind) => sampleOf(kind.topic, kind.type, random))

function sampleOf(topic: Topic, type: ChangeType, random: Random): Envelope {
  const environment = pick(random, ['prod', 'prod', 'prod', 'eval', 'dev'])
  const tags = topic.tags.filter(() => below(random, 2) === 0)
  const context = { system_type: environment, version: 'v1', topic: topic.name, tags }
  const body = { type, ...Object.fromEntries(topic.fields.map((field) => [field, fieldOf(field, random)])) }
  return { header: headerOf(context, random), body: base64(body) }
}

const headerOf = (context: Readonly<Record<string, unknown>>, random: Random): Readonly<Record<string, string>> => ({
  version: 'UWIT-1',
  contentType: 'json',
  messageContext: base64(context),
  messageType: 'idreg',
  messageId: uuid(random),
  sender: 'idregistry',
  timestamp: moment(random),
  signingCertUrl: 'https://groups.uw.edu/pubkeys/sign1.crt',
  signature: Buffer.from('not signed').toString('base64'),
})

function fieldOf(field: Field, random: Random): string {
  switch (field) {
    case 'regid':
    case 'sponsor':
      return hex(random, 32).toUpperCase()
    case 'source':
      return pick(random, ['1', '2', '3', '4', '6'])
    case 'id':
      return String(100_000_000 + below(random, 900_000_000))
    case 'uwnetid':
      return `${pick(random, ['javerage', 'jsmith', 'cse142'])}${below(random, 1000)}`
    case 'subscription':
      return pick(random, ['60', '13', '104'])
  }
}

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64')
