/**
 * Generated registry changes: people come, get a badge, move, lose it and leave. Eight changes a life.
 *
 * A change is one call; Tocsin derives its events. Removing a badge that somebody holds gives two: the link ends first.
 */
import type { Fact, Step, Story } from './story.js'
import { type Customer, customerOf, DIRECTORY, northgateSees } from './world.js'

export const CHANGES_IN_A_LIFE = 8

/** `count` lives; every tenth person who is none of Northgate's own is its guest. */
export const lives = (count: number): readonly Story[] =>
  Array.from({ length: count }, (_, index) => {
    const owner = customerOf(index)
    const guest = index % 10 === 9 && !northgateSees(owner)
    return { cast: [], steps: guest ? visit(`person-${index}`, owner) : employment(index, owner) }
  })

function employment(index: number, owner: Customer): readonly Step[] {
  const [person, badge] = [`person-${index}`, `badge-${index}`]
  const seen = northgateSees(owner)
  return [
    create({ id: person, type: 'person', owner, status: 'active', properties: { floor: index % 12 } }, seen),
    create({ id: badge, type: 'badge', owner, status: 'active', properties: { printed: true } }, seen),
    change('PUT', `${person}/links/holds/${badge}`, undefined, seen),
    change('PATCH', person, { properties: { title: 'Engineer', floor: (index % 12) + 1 } }, seen),
    change('PATCH', badge, { status: 'suspended' }, seen),
    change('PATCH', badge, { status: 'active' }, seen),
    change('DELETE', badge, undefined, seen, 2),
    change('DELETE', person, undefined, seen),
  ]
}

/** Visible from the change that links the guest with the directory to the one that ends the link, both included. */
function visit(person: string, owner: Customer): readonly Step[] {
  const link = `${person}/links/visits/${DIRECTORY}`
  return [
    create({ id: person, type: 'person', owner, status: 'active' }, false),
    change('PATCH', person, { properties: { purpose: 'audit' } }, false),
    change('PUT', link, undefined, true),
    change('PATCH', person, { properties: { room: 'N-101' } }, true),
    change('PATCH', person, { properties: { room: 'N-204' } }, true),
    change('DELETE', link, undefined, true),
    change('PATCH', person, { properties: { room: null } }, false),
    change('DELETE', person, undefined, false),
  ]
}

const create = (thing: Readonly<Record<string, unknown>>, seen: boolean): Step => ({
  system: 'registry',
  method: 'POST',
  path: '/v1/resources',
  body: thing,
  facts: [fact(seen)],
})

const change = (method: 'PUT' | 'PATCH' | 'DELETE', path: string, body: unknown, seen: boolean, events = 1): Step => ({
  system: 'registry',
  method,
  path: `/v1/resources/${path}`,
  body,
  facts: Array.from({ length: events }, () => fact(seen)),
})

const fact = (northgateSees: boolean): Fact => ({ about: 'other', succeeded: true, northgateSees })
