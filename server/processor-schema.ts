/**
 * Processors and their settings as they look on the wire.
 */
import { Type } from 'typebox'
import { OrNull } from './or-null.js'
import { Free, named, page, Text, TextOrNull, Whole } from './shapes.js'

const Hidden = Type.Object({}, { additionalProperties: true, description: 'Secrets are masked.' })

/** What is known of a processor wherever it runs. */
const PROCESSOR = {
  name: Text,
  module: Type.String({ description: 'Who brought it; empty: nobody says.' }),
  kind: Type.String({ description: '`judge`, `witness` or `asynchronous`.' }),
  description: TextOrNull,
  titles: Type.Object({}, { additionalProperties: Text, description: 'Its name for people, by language tag.' }),
  order: Whole,
  disableable: Type.Boolean(),
  closable: Type.Boolean({ description: 'It may answer `close`.' }),
  conditional: Type.Boolean({ description: 'It has a further condition.' }),
  votes: Type.Boolean({ description: 'It votes on the priority of its events.' }),
  options: Hidden,
}

export const PROCESSORS = [
  named('Processor', {
    ...PROCESSOR,
    enabled: Type.Boolean(),
    types: Type.Array(Text, { description: 'Empty: every type.' }),
    resourceTypes: Type.Array(Text, { description: 'Empty: whatever the event is about.' }),
    asynchronousRefused: Type.Array(Text, {
      description: 'Event types it would hear but for their refusing asynchronous processors.',
    }),
    optionsSchema: OrNull(Type.Object({}, { additionalProperties: true, description: 'JSON Schema.' })),
    deadline: Type.Integer({ description: 'Milliseconds.' }),
    onError: Type.String({
      description: '`reject` or `continue`; that of a witness is always `continue`, as it hears what is true already.',
    }),
    set: Type.Array(Text, { description: 'What was set at run time: it lies over configuration and code.' }),
  }),
  page('Processor'),
  named('Overview', {
    resourceType: OrNull(Type.String({ description: 'Null: whatever the event is about.' })),
    types: Type.Array(
      Type.Object({
        type: Type.String({ description: 'An event type or a pattern; `*`: every type.' }),
        processors: Type.Array(
          Type.Object({
            ...PROCESSOR,
            origin: Type.String({ description: '`here`, or the profile whose system runs it itself.' }),
            enabled: OrNull(Type.Boolean({ description: 'Null: of another system, nobody here knows.' })),
          }),
        ),
      }),
    ),
  }),
  page('Overview'),
  named('ProcessorFile', {
    processors: Type.Object({}, { additionalProperties: Free, description: 'Settings by the name of the processor.' }),
  }),
  named('ProcessorChanges', {
    changes: Type.Array(
      Type.Object({
        processor: Text,
        registered: Type.Boolean({ description: 'False: no processor of that name is here (yet).' }),
        before: Free,
        after: Free,
      }),
    ),
  }),
  named('Registration', {
    system: Type.String({ description: 'Whose configuration it is from, such as `fim-cm`.' }),
    position: Type.Integer({ description: 'From 1, in the order of the file.' }),
    class: Text,
    event: OrNull(Type.String({ description: 'As that system names it; null: every one.' })),
    data: OrNull(Type.String({ description: 'Masked where it may hold a secret.' })),
    processor: Type.String({ description: 'Under this name it runs.' }),
    kind: Type.String({ description: '`witness` or `asynchronous`.' }),
    state: Type.String({
      description:
        '`running`; `failed`: it could not be started, and fails at each of its events; `new`: of a dry run.',
    }),
    failure: TextOrNull,
  }),
  page('Registration'),
  named('Processing', {
    asynchronous: Type.Boolean({ description: 'False: the publisher waits for asynchronous processors too.' }),
    stopped: Type.Boolean({ description: 'True: events are accepted, their asynchronous processors wait.' }),
  }),
]
