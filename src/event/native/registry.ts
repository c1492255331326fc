/**
 * Registry records: rows of a person registry, such as a person's id, a record of a source system or an account name.
 */
import type { Static } from 'typebox'
import { fields, native, text } from './define.js'

const record = {
  record: text('Kind of record, such as `regid`, `source` or `sponsor`'),
  recordId: text('The record’s own id'),
  personId: text('The person it belongs to, such as a RegID'),
  accountName: text('The account name, such as a NetID'),
  sourceSystem: text('The system the record came from'),
  subscription: text('The service the account is subscribed to'),
  sponsorId: text('The person who answers for this one'),
}
const sensitive = ['before', 'changes']

const changed = fields(record)
const renamed = fields({ ...record, previousId: text('The identifier before') })

declare module '../types.js' {
  interface Catalogue {
    'registry.inserted': Static<typeof changed>
    'registry.modified': Static<typeof changed>
    'registry.deleted': Static<typeof changed>
    'registry.renamed': Static<typeof renamed>
    'registry.tested': Static<typeof changed>
  }
}

export const registryTypes = [
  native('registry.inserted', 'A registry record was inserted', changed, { sensitive }),
  native('registry.modified', 'A registry record was modified', changed, { sensitive }),
  native('registry.deleted', 'A registry record was deleted', changed, { sensitive, removal: true }),
  native('registry.renamed', 'The primary identifier of a registry record changed', renamed, { sensitive }),
  native('registry.tested', 'A test: nothing changed', changed, { sensitive }),
]
