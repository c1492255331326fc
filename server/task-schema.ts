/**
 * Tasks, what came of processors, and transactions as they look on the wire.
 */
import { Type } from 'typebox'
import { ERROR_CLASSES } from '../src/index.js'
import { OrNull } from './or-null.js'
import { named, page, Strings, Text, TextOrNull, Time, TimeOrNull, Whole } from './shapes.js'

export const RESULT = Type.Object({
  processor: Text,
  number: Type.Integer({ description: 'From 0: one for each operation result it told.' }),
  kind: Text,
  order: Whole,
  state: Type.String({ description: '`executed`, `exception`, `not-executed`, `blocked`, `cancelled` or `running`.' }),
  verdict: TextOrNull,
  code: TextOrNull,
  message: TextOrNull,
  cause: OrNull(Type.String({ description: 'Why, in words; at most 4 KiB.' })),
  startedAt: Time,
  endedAt: TimeOrNull,
})

const SENT_REQUEST = Type.Object(
  {
    method: Type.Optional(Text),
    target: Type.String({ description: 'A URL without what its query says, `host:port` or a path.' }),
    headers: Type.Optional(Type.Record(Type.String(), Type.String())),
    bytes: Type.Optional(Type.Integer({ description: 'Of the body.' })),
    digest: Type.Optional(Type.String({ description: 'SHA-256 of the body, base64url.' })),
  },
  { description: 'What was sent, secrets masked; null of what was delivered, unless the subscription records all.' },
)

const TIMING = Type.Object(
  {},
  {
    additionalProperties: Type.Number(),
    description: 'Milliseconds by phase: `queue`, `lookup`, `connect`, `tls`, `wait`, `receive`, or `send` as a whole.',
  },
)

const ATTEMPT = {
  number: Whole,
  outcome: Type.String({ description: '`delivered`, `retry`, `release` or `refused`.' }),
  code: OrNull(Type.String({ description: 'HTTP status or error code.' })),
  message: TextOrNull,
  errorClass: OrNull(
    Type.String({
      description: `${Object.keys(ERROR_CLASSES)
        .map((each) => `\`${each}\``)
        .join(', ')}; null: it was delivered.`,
    }),
  ),
  response: OrNull(
    Type.String({
      description: 'What came back, at most 64 KiB; of what was delivered and is not recorded whole, 1 KiB.',
    }),
  ),
  request: OrNull(SENT_REQUEST),
  timing: OrNull(TIMING),
  startedAt: Time,
  endedAt: Time,
  milliseconds: Whole,
  node: Text,
}

const TASK = {
  id: Type.String({ description: '`<sequence>.<subscription>`' }),
  sequence: Text,
  subscription: Text,
  type: Text,
  subject: TextOrNull,
  superOwner: TextOrNull,
  state: Text,
  priority: Text,
  blockedBy: OrNull(Type.String({ description: 'The resource it waits for: another task works on it.' })),
  attempts: Whole,
  failures: Type.Integer({ description: 'Attempts that count towards exhaustion.' }),
  wakeAt: OrNull(Type.String({ format: 'date-time', description: 'When it is tried next.' })),
  expiresAt: TimeOrNull,
  leasedBy: TextOrNull,
  leasedUntil: TimeOrNull,
  createdAt: Time,
  endedAt: TimeOrNull,
  code: TextOrNull,
  message: TextOrNull,
  replayedAt: OrNull(Type.String({ format: 'date-time', description: 'When a replay told the event again.' })),
}

const WITH_HISTORY = { ...TASK, history: Type.Array(Type.Ref('Attempt')) }

const COUNTS = Type.Object(
  {},
  { additionalProperties: Whole, description: 'How many by state; without those that have none.' },
)

export const TASKS = [
  named('Attempt', ATTEMPT),
  named('Task', TASK),
  page('Task'),
  named('TaskWithAttempts', WITH_HISTORY),
  named('TaskCounts', {
    states: COUNTS,
    unprocessed: Type.Integer({ description: 'due, waiting, leased or held' }),
    errors: Type.Integer({ description: 'refused or exhausted' }),
  }),
  named('Transaction', {
    transactionId: Text,
    events: Whole,
    settled: Type.Boolean({ description: 'No processor of its events is unfinished, and none of them is suspended.' }),
    suspended: Type.Boolean({ description: 'Some of its events are suspended, and go on when they are resumed.' }),
    processing: COUNTS,
    tasks: COUNTS,
    failed: Type.Integer({ description: 'Work of processors that failed for good.' }),
  }),
  named('Leases', {
    leases: Type.Array(
      Type.Object({
        lease: Type.String({ description: 'Settle or release it by this.' }),
        leasedUntil: Time,
        task: Type.Ref('Task'),
        event: Type.Ref('CloudEvent'),
        message: Type.Optional(
          Type.Object(
            { headers: Type.Record(Type.String(), Type.String()), body: Type.String() },
            { description: 'In the format that the subscription names; absent where it names none.' },
          ),
        ),
      }),
    ),
  }),
  named('Settled', { settled: Strings, lost: Strings }),
  named('Released', { released: Strings, lost: Strings }),
]
