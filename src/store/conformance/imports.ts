import assert from 'node:assert/strict'
import { type ImportBatch, type ImportedResource, NOTHING_DONE } from '../../registry/import-store.js'
import type { Store } from '../port.js'
import type { Suite } from './fixtures.js'
import { admitted, deed, NOW, put, T } from './fixtures.js'

const line = (number: number, id: string, over: Partial<ImportedResource> = {}): ImportedResource => ({
  line: number,
  id,
  type: 'card',
  owner: null,
  status: null,
  properties: '{}',
  links: [],
  ...over,
})

const to = (...ends: readonly string[]): ImportedResource['links'] =>
  ends.map((end, place) => ({ place, relation: 'holds', to: end, strong: false }))

const batch = (resources: readonly ImportedResource[], over: Partial<ImportBatch> = {}): ImportBatch => ({
  tenant: T,
  id: 'first',
  dryRun: false,
  after: 0,
  line: resources.at(-1)?.line ?? 0,
  at: NOW,
  actor: 'key-1',
  resources,
  awaited: [],
  done: NOTHING_DONE,
  ...over,
})

const counts = { created: 0, changed: 0, unchanged: 0, links: 0, refused: 0 }

/** Settles all that waits. */
async function settleAll(store: Store, write = true) {
  const waiting = await store.imports.awaited(T, 'first', 100)
  return store.imports.settle({ tenant: T, id: 'first', at: NOW + 9 }, waiting, { write, done: NOTHING_DONE })
}

export function importCases({ describe, test }: Suite): void {
  describe('an import', () => {
    test('takes resources and links at once, at a sequence of its own', async (store) => {
      const answer = await store.imports.take(
        batch([line(1, 'ann', { links: to('card') }), line(3, 'card', { owner: 'ann', properties: '{"code":"c-1"}' })]),
      )
      assert.deepEqual(answer?.otherType, [])
      const kind = { tenant: T, id: 'first', state: 'open', dryRun: false, line: 3, startedAt: NOW, updatedAt: NOW }
      assert.deepEqual(answer?.row, { ...counts, ...kind, created: 2, links: 1 })
      assert.deepEqual(await store.imports.get(T, 'first'), answer?.row)
      assert.equal(await store.imports.get('other', 'first'), null)
      const head = await store.log.head(T)
      assert.equal(head, 1)
      assert.deepEqual(await store.log.read(T, 0, 10), [])
      assert.equal((await store.registry.get(T, 'card'))?.revision, 1)
      assert.equal((await store.registry.byCode(T, null, 'c-1'))?.id, 'card')
      assert.equal((await store.registry.facts(T, 'ann', 'card', 0)).linked, false)
      const facts = await store.registry.facts(T, 'ann', 'card', head)
      assert.deepEqual([facts.linked, facts.sourceOwner], [true, 'ann'])
    })

    test('replaces what differs, and leaves the rest alone', async (store) => {
      await admitted(store, deed('1', [put('a', 'ann'), put('b', 'bob'), put('c'), put('gone'), put('ann')]))
      await admitted(store, deed('2', [{ do: 'remove', id: 'gone' }]))
      const lines = [
        line(1, 'a', { owner: 'eve' }),
        line(2, 'b', { owner: 'bob' }),
        line(3, 'c', { type: 'phone' }),
        line(4, 'gone', { owner: 'ann' }),
      ]
      const answer = await store.imports.take(batch(lines))
      assert.deepEqual(answer?.otherType, [{ line: 3, type: 'card' }])
      const row = answer?.row
      assert.deepEqual([row?.created, row?.changed, row?.unchanged, row?.refused], [1, 1, 1, 1])
      const revisions = await Promise.all(['a', 'b', 'c', 'gone'].map((id) => store.registry.get(T, id)))
      assert.deepEqual(
        revisions.map((each) => [each?.revision, each?.owner, each?.removedAt]),
        [
          [2, 'eve', null],
          [1, 'bob', null],
          [1, null, null],
          [2, 'ann', null],
        ],
      )
      const head = await store.log.head(T)
      const owner = async (at: number) => (await store.registry.facts(T, 'x', 'a', at)).sourceOwner
      assert.deepEqual([await owner(head - 1), await owner(head)], ['ann', 'eve'])
    })

    test('does not begin a link twice, nor take two lines of one id for two resources', async (store) => {
      const twice = [line(1, 'ann', { links: to('x', 'x') }), line(2, 'x'), line(3, 'ann', { links: to('x') })]
      const first = await store.imports.take(batch(twice))
      assert.deepEqual([first?.row.created, first?.row.unchanged, first?.row.links], [2, 1, 1])
      const second = await store.imports.take(batch(twice, { id: 'second' }))
      assert.deepEqual([second?.row.created, second?.row.unchanged, second?.row.links], [0, 3, 0])
      assert.equal((await store.registry.links(T, 'x', null)).length, 1)
    })

    test('goes on only where it stands', async (store) => {
      await store.imports.take(batch([line(1, 'a'), line(2, 'b')]))
      assert.equal(await store.imports.take(batch([line(1, 'a')])), null)
      assert.equal(await store.imports.take(batch([line(4, 'd')], { after: 3 })), null)
      assert.equal(await store.imports.take(batch([line(3, 'c')], { after: 2, dryRun: true })), null)
      assert.equal(await store.registry.get(T, 'd'), null)
      const next = await store.imports.take(batch([line(3, 'c')], { after: 2, line: 7 }))
      assert.deepEqual([next?.row.created, next?.row.line], [3, 7])
      assert.equal((await store.imports.finish(T, 'first', NOW))?.state, 'done')
      assert.equal(await store.imports.take(batch([line(8, 'e')], { after: 7 })), null)
      assert.equal(await store.imports.finish(T, 'none', NOW), null)
    })

    test('lets a link wait for its other end', async (store) => {
      await store.imports.take(batch([line(1, 'ann', { links: to('late', 'never') })]))
      const waiting = (isThere: boolean, end: string, place: number) => ({
        ...{ line: 1, place, from: 'ann', relation: 'holds', to: end, strong: false },
        isThere,
      })
      assert.deepEqual(await store.imports.awaited(T, 'first', 1), [waiting(false, 'late', 0)])
      await store.imports.take(batch([line(2, 'late')], { after: 1 }))
      assert.deepEqual(await store.imports.awaited(T, 'first', 9), [
        waiting(true, 'late', 0),
        waiting(false, 'never', 1),
      ])
      const settled = await settleAll(store)
      assert.deepEqual([settled?.links, settled?.updatedAt], [1, NOW + 9])
      assert.deepEqual(await store.imports.awaited(T, 'first', 9), [])
      assert.equal((await store.registry.get(T, 'ann'))?.revision, 2)
      const [held] = await store.registry.links(T, 'late', null)
      assert.deepEqual([held?.from, held?.fromSequence], ['ann', await store.log.head(T)])
    })

    test('without writing keeps only how far it is', async (store) => {
      await store.imports.take(batch([line(1, 'ann', { links: to('late', 'never') })], { dryRun: true }))
      await store.imports.take(batch([line(2, 'late')], { dryRun: true, after: 1 }))
      const waiting = await store.imports.awaited(T, 'first', 9)
      assert.deepEqual(
        waiting.map(({ isThere }) => isThere),
        [true, false],
      )
      const row = await settleAll(store, false)
      assert.deepEqual([row?.created, row?.links], [2, 0])
      assert.equal(await store.registry.get(T, 'ann'), null)
      assert.equal(await store.log.head(T), 0)
    })
  })
}
