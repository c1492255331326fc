/**
 * The links of one resource in an order by which they can be read page by page.
 */

export interface LinkEnds {
  readonly from: string
  readonly relation: string
  readonly to: string
}

/** Where a link stands among those of a resource: by its other end, then by which end the resource is, then by relation. */
export interface LinkPlace {
  readonly other: string
  readonly end: 'from' | 'to'
  readonly relation: string
}

export const placeOf = (id: string, { from, relation, to }: LinkEnds): LinkPlace =>
  from === id ? { other: to, end: 'from', relation } : { other: from, end: 'to', relation }

/** As databases order text: by its bytes. */
export function comparePlaces(a: LinkPlace, b: LinkPlace): number {
  return compare(a.other, b.other) || compare(a.end, b.end) || compare(a.relation, b.relation)
}

const compare = (a: string, b: string): number => (a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b)))

export const placeText = ({ other, end, relation }: LinkPlace): string => JSON.stringify([other, end, relation])

/** @throws SyntaxError, TypeError for what is no place */
export function placeFrom(text: string): LinkPlace {
  const [other, end, relation] = JSON.parse(text) as readonly unknown[]
  if (typeof other === 'string' && (end === 'from' || end === 'to') && typeof relation === 'string')
    return { other, end, relation }
  throw new TypeError('No place of a link.')
}
