/**
 * Event notifications as an APS controller posts them, with their headers, made up, every type in turn.
 */
import { inTurn, moment, pick, type Random, uuid } from '../random.js'
import { KINDS, type Kind, RENEWED } from './kinds.js'

export interface Notification {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, unknown>>
}

/** @param random seeded, from 0 up to 1: the same seed gives the same messages. */
export const samples = (n: number, random: Random): readonly Notification[] =>
  inTurn(n, KINDS, (kind) => sampleOf(kind, random))

const sampleOf = (kind: Kind, random: Random): Notification => ({
  headers: {
    'APS-Controller-URI': 'https://controller.example/',
    'APS-Instance-ID': uuid(random),
    'APS-Transaction-ID': uuid(random),
  },
  body: { event: kind.uri, source: { id: uuid(random) }, ...parametersOf(kind, random) },
})

const parametersOf = (kind: Kind, random: Random): Readonly<Record<string, unknown>> =>
  kind.uri === RENEWED
    ? {
        parameters: {
          newPeriod: { period: pick(random, [1, 12]), periodType: 'month' },
          expirationDate: moment(random),
        },
      }
    : {}
