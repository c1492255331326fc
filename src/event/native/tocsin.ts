/**
 * Tocsin's own events, for operators. They never raise further ones.
 */
import { type Static, Type } from 'typebox'
import { count, moment, native, onlyFields, text } from './define.js'

const target = {
  subscription: text('Id of the subscription'),
  name: text('Name of the subscription'),
  transport: text('How it is told'),
  failures: count('Failed attempts in a row'),
  code: text('HTTP status or error code of the last failure'),
  message: text('The last failure, in words'),
}
const event = {
  sequence: text('Its place in the log, if it has one'),
  eventId: text('Id of the event, as published'),
  eventSource: text('Source of the event'),
  eventType: text('Type of the event'),
  subject: text('Subject of the event'),
}

const failing = onlyFields({
  ...target,
  eventId: event.eventId,
  eventType: event.eventType,
  percent: Type.Integer({ minimum: 0, maximum: 100, description: 'How far it is on the way to being disabled' }),
  since: moment('When it began to fail'),
})
const tested = onlyFields({ subscription: target.subscription, name: target.name })
const disabled = onlyFields({
  ...target,
  eventId: event.eventId,
  eventType: event.eventType,
  reason: text('Why it was disabled'),
})
const recovered = onlyFields({ ...target, since: moment('When it began to fail') })
const exhausted = onlyFields({ ...target, ...event, task: text('Id of the task'), attempts: count('Attempts made') })
const refused = onlyFields({
  ...event,
  inbox: text('Its name in the inbox, if it came from there'),
  processor: text('Who refused'),
  code: text('Code of the refusal'),
  message: text('The refusal, in words'),
})
const queued = onlyFields({
  ...event,
  principal: text('Who published the event'),
  processors: Type.Array(Type.String(), { description: 'Who will work on it, in order' }),
  titles: Type.Record(Type.String(), Type.Array(Type.String()), {
    description: 'Their names for people, by language tag, in the same order',
  }),
})
const failed = onlyFields({
  ...event,
  principal: text('Who published the event'),
  processor: text('Who failed'),
  code: text('Code of the failure'),
  message: text('The failure, in words'),
  attempts: count('Attempts made'),
})
const caughtUp = onlyFields({
  subscription: text('Id of the subscription'),
  name: text('Name of the subscription'),
  fromSequence: text('After which it began'),
  toSequence: text('The last it caught up with'),
})

const stopped = onlyFields({ ...target, ...event, attempts: count('Attempts made') })
const overtaken = onlyFields({
  subscription: text('Id of the subscription'),
  name: text('Name of the subscription'),
  fromSequence: text('The last it had read'),
  toSequence: text('The oldest that was left, with which it goes on'),
})

const capture = text('Name of the capture')
const held = onlyFields({ capture, code: text('Code of the refusal'), message: text('The refusal, in words') })
const ended = onlyFields({ capture, code: text('`retained` or `slot_lost`'), message: text('Why, in words') })
const lagging = onlyFields({
  capture,
  retained: count('Bytes that the source keeps until they are read'),
  limit: count('Bytes from which on it is told'),
})
const schemaChanged = onlyFields({
  capture,
  table: text('Schema and name of the table'),
  added: Type.Array(Type.String(), { description: 'Columns that rows did not have before' }),
  removed: Type.Array(Type.String(), { description: 'Columns that rows do not have any more' }),
})

declare module '../types.js' {
  interface Catalogue {
    'tocsin.target.failing': Static<typeof failing>
    'tocsin.target.recovered': Static<typeof recovered>
    'tocsin.target.disabled': Static<typeof disabled>
    'tocsin.target.tested': Static<typeof tested>
    'tocsin.task.exhausted': Static<typeof exhausted>
    'tocsin.event.refused': Static<typeof refused>
    'tocsin.processing.queued': Static<typeof queued>
    'tocsin.processing.failed': Static<typeof failed>
    'tocsin.subscription.caught-up': Static<typeof caughtUp>
    'tocsin.subscription.stopped': Static<typeof stopped>
    'tocsin.subscription.overtaken': Static<typeof overtaken>
    'tocsin.capture.held': Static<typeof held>
    'tocsin.capture.ended': Static<typeof ended>
    'tocsin.capture.lagging': Static<typeof lagging>
    'tocsin.capture.schema-changed': Static<typeof schemaChanged>
  }
}

export const tocsinTypes = [
  native('tocsin.target.failing', 'A target fails', failing),
  native('tocsin.target.recovered', 'A target works again', recovered),
  native('tocsin.target.disabled', 'A target was disabled', disabled),
  native('tocsin.target.tested', 'A target is tried out', tested),
  native('tocsin.task.exhausted', 'Every attempt to tell a subscriber failed', exhausted),
  native('tocsin.event.refused', 'An event was refused after its publisher was answered', refused),
  native('tocsin.processing.queued', 'An event waits for asynchronous processors', queued),
  native('tocsin.processing.failed', 'An asynchronous processor failed for good', failed),
  native('tocsin.subscription.caught-up', 'A subscription has caught up with the log', caughtUp),
  native('tocsin.subscription.stopped', 'A subscription that reads the log stopped before an event', stopped),
  native('tocsin.subscription.overtaken', 'Events were forgotten before a subscription had read them', overtaken),
  native('tocsin.capture.held', 'A capture waits before a change that cannot become an event', held),
  native('tocsin.capture.ended', 'What a source kept for a capture is gone', ended),
  native('tocsin.capture.lagging', 'A source keeps much until a capture has read it', lagging),
  native('tocsin.capture.schema-changed', 'A captured table has other columns', schemaChanged),
]
