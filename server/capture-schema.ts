/**
 * The bodies that captures answer with.
 */
import { Type } from 'typebox'
import { CaptureInput, CaptureReconcileInput } from '../src/index.js'
import { OrNull } from './or-null.js'
import { named, page, Strings, Text, TextOrNull, Time, TimeOrNull } from './shapes.js'

const STATEMENTS = Type.Array(Type.Object({ sql: Text, why: Text }), { description: 'In their order.' })

const BACKLOG = Type.Object({
  retained: Type.Number({ description: 'Bytes that the source keeps until they are read.' }),
  unread: Type.Number({ description: 'Bytes that were not read yet.' }),
  present: Type.Boolean({ description: 'The slot, or the outbox, is there and whole.' }),
  active: Type.Boolean({ description: 'Somebody reads it.' }),
})

const RECONCILIATION = Type.Object({
  id: Text,
  state: Type.String({ description: '`waiting`, `running`, `done` or `failed`.' }),
  dryRun: Type.Boolean(),
  code: OrNull(Type.String({ description: 'Why it failed.' })),
  message: TextOrNull,
  field: TextOrNull,
  askedAt: Time,
  endedAt: TimeOrNull,
  tables: Type.Array(
    Type.Object({
      table: Text,
      rows: Type.Integer({ description: 'Rows of the source that were compared.' }),
      inserts: Type.Integer({ description: 'Missed, as are updates and deletes.' }),
      updates: Type.Integer(),
      deletes: Type.Integer(),
      events: Type.Integer({ description: 'Told of them; in a dry run, what would be.' }),
    }),
    { description: 'When it is done.' },
  ),
})

export const CAPTURES = [
  { ...CaptureInput, $id: 'CaptureInput' },
  { ...CaptureReconcileInput, $id: 'CaptureReconcileInput' },
  { ...RECONCILIATION, $id: 'CaptureReconciliation' },
  named('Capture', {
    name: Text,
    tenant: Text,
    source: Text,
    method: Type.String({ description: '`logical` or `triggers`.' }),
    state: Type.String({ description: '`beginning`, `running`, `waiting`, `held` or `ended`.' }),
    code: OrNull(Type.String({ description: 'Why it does not run.' })),
    message: TextOrNull,
    field: TextOrNull,
    node: OrNull(Type.String({ description: 'Who last said how it is.' })),
    at: TimeOrNull,
    admitted: Type.Integer({ description: 'Events since it began.' }),
    skipped: Type.Integer({ description: 'Changes that were passed over since it began.' }),
    backlog: OrNull(BACKLOG),
    schema: Type.Array(Type.Object({ table: Text, added: Strings, removed: Strings, at: Time }), {
      description: 'Changes of the tables’ columns that were noticed.',
    }),
    reconciliation: OrNull(RECONCILIATION),
    begunAt: Time,
    mapping: Type.Object({}, { additionalProperties: true, description: 'As it was applied, without its password.' }),
    hasPassword: Type.Boolean(),
  }),
  page('Capture'),
  named('CapturePlan', {
    method: Text,
    notes: Type.Array(Text, { description: 'Why not the other method; what is worth knowing.' }),
    statements: STATEMENTS,
  }),
  named('CaptureCheck', {
    passed: Type.Boolean(),
    findings: Type.Array(Type.Object({ name: Text, passed: Type.Boolean(), text: Text })),
  }),
  named('CaptureRemoved', { name: Text, statements: STATEMENTS }),
]
