/**
 * AIMSEvents as an event notification plug-in would send them, made up, every proven kind in turn.
 */
import { below, hex, inTurn, pick, type Random } from '../random.js'
import { KINDS, type Kind } from './kinds.js'

export type AimsEvent = Readonly<Record<string, string | number | null>>

/** @param random seeded, from 0 up to 1: the same seed gives the same messages. */
export const samples = (n: number, random: Random): readonly AimsEvent[] =>
  inTurn(n, KINDS, (kind) => sampleOf(kind, random))

function sampleOf(kind: Kind, random: Random): AimsEvent {
  const failed = below(random, 10) === 0
  const card = hex(random, 16).toUpperCase()
  return {
    EventID: kind.eventId,
    Description: kind.token,
    Status: failed ? 1 : 0,
    StatusDescription: failed ? 'The device did not answer.' : null,
    ClientID:
      kind.eventId === 21001 ? `PIV:${card}` : kind.category === 'user' || kind.category === 'workflow' ? null : card,
    OperatorID: kind.eventId > 50000 ? null : `CN=${pick(random, OPERATORS)},OU=Operators,O=Example`,
    AdditionalInfoNum1: 0,
    AdditionalInfoNum2: 0,
    AdditionalInfoChar1: null,
    AdditionalInfoChar2: null,
    AdditionalInfoChar3: null,
    ...additional(kind.eventId, random),
  }
}

const OPERATORS = ['Ana Ribeiro', 'Tom Okafor', 'Mei Lin'] as const
const user = (random: Random): string => `${pick(random, ['jdoe', 'asmith', 'kmeyer', 'lrossi'])}${below(random, 100)}`

function additional(eventId: number, random: Random): AimsEvent {
  const userId = user(random)
  switch (eventId) {
    case 10001:
      return { AdditionalInfoNum1: below(random, 2), AdditionalInfoChar1: 'PIV', AdditionalInfoChar2: userId }
    case 10004:
      return { AdditionalInfoChar1: 'PIV', AdditionalInfoChar2: userId }
    case 10005:
    case 20001:
      return { AdditionalInfoChar1: 'PIV' }
    case 10006:
      return { AdditionalInfoChar1: 'PIV', AdditionalInfoChar2: pick(random, REASONS), AdditionalInfoChar3: userId }
    case 10009:
      return { AdditionalInfoNum1: below(random, 2), AdditionalInfoChar1: 'PIV', AdditionalInfoChar3: userId }
    case 20003:
      return certificate(userId, `PIV,${hex(random, 20).toUpperCase()}`)
    case 20008:
      return certificate(
        userId,
        `PIV, ${hex(random, 20).toUpperCase()}, 2026-01-01, 2029-01-01, ${below(random, 10_000)}`,
      )
    case 20009:
      return { AdditionalInfoNum2: 6, AdditionalInfoChar1: 'AAA-1', AdditionalInfoChar2: userId }
    case 21001:
      return {
        AdditionalInfoNum1: 7,
        AdditionalInfoNum2: 1,
        AdditionalInfoChar1: userId,
        AdditionalInfoChar2: pick(random, ['PKI', 'SKI', 'OATH']),
      }
    case 30001:
      return {
        AdditionalInfoNum1: 1 + below(random, 100_000),
        AdditionalInfoNum2: pick(random, [1, 2, 3, 4, 8, 32, 64, 66, 128, 256]),
        AdditionalInfoChar2: userId,
        AdditionalInfoChar3: 'PIV',
      }
    case 40002:
    case 40004:
      return { AdditionalInfoChar1: userId }
    case 40006:
      return {
        AdditionalInfoNum2: below(random, 2),
        AdditionalInfoChar1: userId,
        AdditionalInfoChar2: 'DEVICE_ACTIVATE',
      }
    case 50001:
      return { AdditionalInfoNum1: 1, AdditionalInfoChar1: userId, AdditionalInfoChar2: 'https://portal.example/aiup' }
    default:
      return {}
  }
}

const REASONS = ['UNASSIGNED', 'STOLEN', 'LOST', 'DAMAGED', 'EXPIRED'] as const

const certificate = (userId: string, list: string): AimsEvent => ({
  AdditionalInfoNum1: 1,
  AdditionalInfoNum2: 0,
  AdditionalInfoChar1: `CN=${userId},O=Example`,
  AdditionalInfoChar2: list,
  AdditionalInfoChar3: 'CA-1',
})
