/**
 * `activid-cms.10001` and the others: HID's own numbers under our prefix, each a case of a native type.
 */
import type { JsonSchema, TypeDefinition } from '../../src/index.js'
import { caseOf } from '../definition.js'
import { INTEGER, NAME, orNull, record, TEXT } from '../schema.js'
import type { Kind, Kinds, Slots } from './kinds.js'

/** The attributes of AIMSEvent, in the order of https://docs.hidglobal.com/activid-cms-v6.0/operator/api-sdk/event-notif/aims-event.htm */
export const ATTRIBUTES = {
  EventID: INTEGER,
  Description: orNull(TEXT),
  Status: { enum: [0, 1] },
  StatusDescription: orNull(TEXT),
  ClientID: orNull(TEXT),
  OperatorID: orNull(TEXT),
  AdditionalInfoNum1: INTEGER,
  AdditionalInfoNum2: INTEGER,
  AdditionalInfoChar1: orNull(TEXT),
  AdditionalInfoChar2: orNull(TEXT),
  AdditionalInfoChar3: orNull(TEXT),
} as const satisfies Record<string, JsonSchema>

export const typeOf = (kind: Kind): string => `activid-cms.${kind.eventId}`

/** The field that holds ClientID: the device itself, or the device something lies on or was done with. */
export const serialField = (kind: Kind): 'serialNumber' | 'deviceSerialNumber' =>
  kind.category === 'device' ? 'serialNumber' : 'deviceSerialNumber'

export const catalogueOf = (kinds: Kinds): readonly TypeDefinition[] => kinds.all.map(typeDefinition)

const typeDefinition = (kind: Kind): TypeDefinition =>
  caseOf({
    name: typeOf(kind),
    title: kind.title,
    caseOf: kind.caseOf,
    schema: schemaOf(kind),
    // Error texts and certificate subjects name people; `activid` repeats every attribute.
    sensitive: ['error', 'certificateSubject', 'activid'],
    defaults: { phase: kind.phase },
    ...(kind.page !== undefined && { documentation: `https://docs.hidglobal.com/activid-cms-${kind.page}` }),
  })

function schemaOf(kind: Kind): JsonSchema {
  const fields = {
    event: { const: kind.token },
    [serialField(kind)]: NAME,
    deviceType: NAME,
    error: TEXT,
    ...(kind.about === 'operator' ? { operator: { const: true } } : {}),
    ...(kind.eventId === 21001 ? { profileId: NAME } : {}),
    ...fieldsOf(kind.slots),
    ...Object.assign({}, ...Object.values(kind.variants ?? {}).map(fieldsOf)),
    activid: record(ATTRIBUTES, Object.keys(ATTRIBUTES)),
  }
  // None is required: whoever publishes named fields alone has the eleven attributes made of them (`aims-event.ts`).
  return record(fields)
}

function fieldsOf(slots: Slots): Readonly<Record<string, JsonSchema>> {
  return Object.assign({}, ...Object.values(slots).map((slot) => slot.gives))
}
