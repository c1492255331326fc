/**
 * What is to be reconciled, and whether it may be now.
 */
import Type, { type Static } from 'typebox'
import { Conflict } from '../../errors.js'
import { hint } from '../../event/nearest.js'
import { invalid } from '../../event/schema-error.js'
import { shapeOf } from './shape.js'
import type { Reconciliation, Stored } from './stored.js'

export const CaptureReconcileInput = Type.Object(
  {
    tables: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 127 }), {
        minItems: 1,
        uniqueItems: true,
        description: 'Of the mapping. Default: all.',
      }),
    ),
    dryRun: Type.Optional(Type.Boolean({ description: 'What was missed is counted and not told. Default: false.' })),
  },
  { additionalProperties: false },
)

export interface ReconcileInput {
  readonly tables: readonly string[]
  readonly dryRun: boolean
}

const shaped = shapeOf<Static<typeof CaptureReconcileInput>>(CaptureReconcileInput, 'The body')

/** @throws InvalidInput `invalid_request` with the field, Conflict `wrong_state` */
export function readReconcile(input: unknown, { spec, phase }: Stored, last: Reconciliation | null): ReconcileInput {
  const { tables = Object.keys(spec.tables), dryRun = false } = shaped(input)
  for (const [index, table] of tables.entries()) checkTable(table, `tables[${index}]`, Object.keys(spec.tables))
  const refuse = (message: string, field: string, expected: string) => {
    throw new Conflict('wrong_state', message, { field, expected })
  }
  if (spec.reconcile === false)
    refuse('Nothing is known of its rows.', 'reconcile', 'a mapping without `reconcile: false`')
  if (phase === 'ended' || phase === 'removing') refuse('It does not run.', 'name', '`tocsin capture apply` first')
  if (last?.state === 'waiting' || last?.state === 'running')
    refuse(`One is under way: ${last.id}.`, 'name', 'to wait until it is done')
  return { tables, dryRun }
}

function checkTable(table: string, field: string, known: readonly string[]): void {
  if (known.includes(table)) return
  throw invalid(`The mapping has no table ${table}.${hint(table, known)}`, field, `one of ${known.join(', ')}`)
}
