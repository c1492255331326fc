/**
 * The mapping: which tables are captured, and which event becomes of which change. As it is written in YAML or JSON.
 */
import Type, { type Static } from 'typebox'

/** It names objects in the source: `tocsin_NAME`. */
export const CAPTURE_NAME = '^[a-z][a-z0-9_]{0,39}$'

const Cel = (description: string) => Type.Optional(Type.String({ minLength: 1, maxLength: 4096, description }))
const Names = (description: string) =>
  Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 63 }), {
      minItems: 1,
      maxItems: 1600,
      uniqueItems: true,
      description,
    }),
  )

const closed = { additionalProperties: false }

/** What a rule may wait for; `rekey` is an update that changes the key. */
export const OCCASIONS = ['insert', 'update', 'delete', 'truncate', 'rekey'] as const

const Rule = Type.Object(
  {
    type: Type.String({ minLength: 1, maxLength: 512, description: 'The event type.' }),
    name: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9_.-]{1,100}$',
        description: 'Of the rule, part of the events’ ids. Default: the type.',
      }),
    ),
    on: Type.Optional(
      Type.Array(Type.Enum([...OCCASIONS]), {
        minItems: 1,
        uniqueItems: true,
        description: 'For which changes; `rekey` is an update that changes the key. Default: insert, update, delete.',
      }),
    ),
    when: Cel('CEL that yields true or false: the condition.'),
    subject: Cel('CEL: the subject. Default: the key, its columns joined by `/`; none of a truncate.'),
    superOwner: Cel('CEL: the super owner, a resource id.'),
    partitionKey: Cel('CEL: what must stay in order. Default: the subject.'),
    actor: Cel('CEL: who did it.'),
    tags: Cel('CEL: a list of texts.'),
    priority: Type.Optional(Type.Enum(['immediate', 'high', 'normal'])),
    data: Cel('CEL that yields a map: the data. Default: table, operation, key, before, after and changes.'),
  },
  closed,
)

const Table = Type.Object(
  {
    key: Names('The columns that name a row. Default: its primary key.'),
    columns: Names('Those that events and expressions may see. Default: all.'),
    before: Type.Optional(
      Type.Boolean({
        description:
          'The whole row before a change is read too; logical decoding then needs REPLICA IDENTITY FULL. Default: true.',
      }),
    ),
    events: Type.Array(Rule, {
      minItems: 1,
      maxItems: 100,
      description: 'Each that fits a change makes an event of it.',
    }),
  },
  closed,
)

const Connection = Type.Object(
  {
    host: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9.:_-]{0,252}$' }),
    port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535, description: 'Default: 5432.' })),
    database: Type.String({ minLength: 1, maxLength: 63 }),
    user: Type.String({ minLength: 1, maxLength: 63 }),
    password: Type.Optional(
      Type.String({ maxLength: 1024, writeOnly: true, description: 'Kept sealed, never shown.' }),
    ),
    tls: Type.Optional(
      Type.Enum(['verify', 'off'], {
        description: '`off` only in networks that the operator opened (`egress.allow`). Default: verify.',
      }),
    ),
    ca: Type.Optional(Type.String({ maxLength: 65_536, description: 'PEM: the authority of its certificate.' })),
  },
  closed,
)

export const CaptureInput = Type.Object(
  {
    source: Type.Optional(
      Type.String({ minLength: 1, maxLength: 1024, description: 'The source of the events. Default: /capture/NAME.' }),
    ),
    connection: Connection,
    method: Type.Optional(
      Type.Enum(['auto', 'logical', 'triggers'], {
        description: 'Logical decoding, or triggers where the server refuses it. Default: auto.',
      }),
    ),
    snapshot: Type.Optional(
      Type.Boolean({
        description: 'First the rows that are there become events, as inserts marked so. Default: false.',
      }),
    ),
    reconcile: Type.Optional(
      Type.Boolean({
        description:
          'Each row is kept here as it was last told, so that `reconcile` can find what was missed. Default: true.',
      }),
    ),
    refused: Type.Optional(
      Type.Enum(['stop', 'skip'], {
        description:
          'When a change cannot become an event, or a judge rejects it: wait before it, or pass over it. Default: stop.',
      }),
    ),
    retain: Type.Optional(
      Type.Object(
        {
          warn: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: 1_048_576,
              description: 'MiB kept for us in the source: a warning. Default: 1024.',
            }),
          ),
          stop: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: 1_048_576,
              description:
                'MiB kept for us in the source: capturing ends, so that its disk does not fill. Default: never.',
            }),
          ),
        },
        closed,
      ),
    ),
    tables: Type.Record(Type.String(), Table, {
      minProperties: 1,
      description: 'By schema and name: `public.person`.',
    }),
  },
  closed,
)

export type CaptureSpec = Static<typeof CaptureInput>
export type TableMapping = Static<typeof Table>
export type Rule = Static<typeof Rule>
export type Connection = Static<typeof Connection>
export type Method = 'logical' | 'triggers'

/** Of the source, in each `tocsin_NAME`: the slot and the publication, or the schema with the outbox. */
export const objectName = (name: string): string => `tocsin_${name}`

export const nameOfRule = ({ name, type }: Rule): string => name ?? type

/** A name as SQL writes it. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** `public.person` as SQL writes it. The schema has no dot in it; the table may. */
export const qualified = (table: string): string => {
  const [schema, name] = partsOf(table)
  return `${quoted(schema)}.${quoted(name)}`
}

export const partsOf = (table: string): readonly [schema: string, name: string] => {
  const dot = table.indexOf('.')
  return dot < 0 ? ['public', table] : [table.slice(0, dot), table.slice(dot + 1)]
}

export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`
