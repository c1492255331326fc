/**
 * A graph to be imported: owners of a hundred resources each, links to resources nearby, one in ten to a line further down.
 */
import { Readable } from 'node:stream'

export interface Size {
  readonly resources: number
  readonly links: number
  readonly subscribers: number
}

export interface ModelLine {
  readonly id: string
  readonly type: 'device'
  readonly owner: string
  readonly status: 'active'
  readonly properties: Readonly<Record<string, string>>
  readonly links: readonly { readonly relation: string; readonly to: string }[]
}

export const idAt = (index: number): string => `device-${index}`

export function lineAt(index: number, { resources, links }: Size): ModelLine {
  const count = Math.floor(((index + 1) * links) / resources) - Math.floor((index * links) / resources)
  return {
    id: idAt(index),
    type: 'device',
    owner: idAt(index - (index % 100)),
    status: 'active',
    properties: { serial: `S-${index}`, model: 'C930', place: 'Vienna, floor 3' },
    links: Array.from({ length: count }, (_, place) => ({
      relation: `near-${place}`,
      to: idAt(endOf(index, place, resources)),
    })),
  }
}

/** Never the resource itself. */
function endOf(index: number, place: number, resources: number): number {
  const step = 1 + ((index * 7 + place * 131) % Math.min(997, resources - 1))
  const isAhead = (index + place) % 10 === 0
  return (index + (isAhead ? step : resources - step)) % resources
}

/** As JSON lines. */
export const linesOf = (size: Size): AsyncIterable<Uint8Array> =>
  Readable.from(chunks(size), { objectMode: true }) as AsyncIterable<Uint8Array>

function* chunks(size: Size): Generator<Uint8Array> {
  for (let first = 0; first < size.resources; first += 500) {
    const count = Math.min(500, size.resources - first)
    const lines = Array.from({ length: count }, (_, index) => `${JSON.stringify(lineAt(first + index, size))}\n`)
    yield Buffer.from(lines.join(''))
  }
}
