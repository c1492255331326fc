import assert from 'node:assert/strict'
import { type LinkPlace, placeOf } from '../../registry/link-place.js'
import type { Suite } from './fixtures.js'
import { admitted, deed, link, NOW, one, put, T, unlink } from './fixtures.js'

export function registryCases({ describe, test }: Suite): void {
  describe('the registry', () => {
    const remove = (id: string) => ({ do: 'remove', id }) as const

    test('keeps a resource with its revision, and its last graph when it is removed', async (store) => {
      await admitted(store, deed('1', [{ ...put('card', 'ann'), status: 'new', properties: '{"a":1}' } as never]))
      const created = await store.registry.get(T, 'card')
      assert.deepEqual(created, {
        tenant: T,
        id: 'card',
        type: 'card',
        owner: 'ann',
        status: 'new',
        revision: 1,
        properties: '{"a":1}',
        createdAt: NOW,
        updatedAt: NOW,
        removedAt: null,
      })
      await admitted(store, deed('2', [put('card', 'bob')], { receivedAt: NOW + 1 }))
      await admitted(store, deed('3', [remove('card')], { receivedAt: NOW + 2 }))
      const removed = await store.registry.get(T, 'card')
      assert.deepEqual(
        [removed?.owner, removed?.revision, removed?.createdAt, removed?.removedAt],
        ['bob', 2, NOW, NOW + 2],
      )
      await admitted(store, deed('4', [put('card')], { receivedAt: NOW + 3 }))
      const reborn = await store.registry.get(T, 'card')
      assert.deepEqual([reborn?.revision, reborn?.createdAt, reborn?.removedAt], [3, NOW + 3, null])
      assert.equal(await store.registry.get('other', 'card'), null)
    })

    test('raises the revision of the end that links or unlinks, once', async (store) => {
      await admitted(store, deed('1', [put('ann'), put('card'), link('ann', 'card'), link('ann', 'card')]))
      assert.deepEqual(
        [(await store.registry.get(T, 'ann'))?.revision, (await store.registry.get(T, 'card'))?.revision],
        [2, 1],
      )
      await admitted(store, deed('2', [unlink('ann', 'card'), unlink('ann', 'card')]))
      assert.equal((await store.registry.get(T, 'ann'))?.revision, 3)
    })

    test('knows owners and links of the past', async (store) => {
      const at = async (id: string, steps: Parameters<typeof deed>[1]) =>
        one(await admitted(store, deed(id, steps))).sequence
      const first = await at('1', [put('card', 'ann'), put('app'), put('ann'), link('app', 'card')])
      const second = await at('2', [put('card', 'bob'), unlink('app', 'card'), link('app', 'ann')])
      const third = await at('3', [link('card', 'app')])
      const fourth = await at('4', [remove('card')])
      const facts = (moment: number | null) => store.registry.facts(T, 'app', 'card', moment)
      const nothing = { subscriberOwner: null, sourceOwner: null, same: false, linked: false, ownerLinked: false }
      assert.deepEqual(await facts(first - 1), nothing)
      assert.deepEqual(await facts(first), { ...nothing, sourceOwner: 'ann', linked: true })
      assert.deepEqual(await facts(second), { ...nothing, sourceOwner: 'bob' })
      assert.deepEqual(await facts(third), { ...nothing, sourceOwner: 'bob', linked: true })
      assert.deepEqual(await facts(fourth), nothing)
      assert.deepEqual(await facts(null), { ...nothing, sourceOwner: 'bob', linked: true })
      assert.deepEqual(await store.registry.facts(T, 'card', 'card', null), {
        ...nothing,
        same: true,
        sourceOwner: 'bob',
      })
      const links = await store.registry.links(T, 'app', first)
      assert.deepEqual(links, [
        {
          tenant: T,
          from: 'app',
          relation: 'holds',
          to: 'card',
          strong: false,
          fromSequence: first,
          untilSequence: second,
        },
      ])
      assert.deepEqual(
        (await store.registry.links(T, 'app', null)).map(({ from, to }) => [from, to]),
        [['app', 'ann']],
      )
      assert.deepEqual(await store.registry.links(T, 'card', null), [])
    })

    test('lists links page by page, from both ends, and finds one', async (store) => {
      // In the order of their bytes; in that of UTF-16 the last two change places.
      const others = ['b', 'ff', 'é', '\u{fffc}', '\u{1f600}']
      const from = others.flatMap((id) => [link('hub', id), { ...link('hub', id), relation: 'also' }])
      const to = others.map((id) => link(id, 'hub'))
      const began = await admitted(store, deed('1', [put('hub'), ...others.map((id) => put(id)), ...from, ...to]))
      await admitted(store, deed('2', [unlink('hub', 'ff')]))
      const text = ({ from, relation, to }: { from: string; relation: string; to: string }) =>
        `${from} ${relation} ${to}`
      const expected = others.flatMap((id) =>
        [`hub also ${id}`, ...(id === 'ff' ? [] : [`hub holds ${id}`])].concat(`${id} holds hub`),
      )
      const pages = async (limit: number, relation?: string) => {
        const found: string[] = []
        for (let after: LinkPlace | null = null; ; ) {
          const page = await store.registry.linkPage(
            { tenant: T, id: 'hub', ...(relation && { relation }) },
            { after, limit },
          )
          found.push(...page.map(text))
          const last = page.at(-1)
          if (last === undefined || page.length < limit) return found
          after = placeOf('hub', last)
        }
      }
      assert.deepEqual(await pages(100), expected)
      for (const limit of [1, 2, 3]) assert.deepEqual(await pages(limit), expected)
      assert.deepEqual(
        await pages(2, 'also'),
        expected.filter((each) => each.includes(' also ')),
      )
      assert.deepEqual(await store.registry.linkPage({ tenant: 'other', id: 'hub' }, { after: null, limit: 9 }), [])
      const found = await store.registry.link(T, { from: 'hub', relation: 'also', to: 'ff' })
      assert.equal(found?.fromSequence, one(began).sequence)
      for (const ends of [
        { from: 'hub', relation: 'holds', to: 'ff' },
        { from: 'ff', relation: 'also', to: 'hub' },
      ])
        assert.equal(await store.registry.link(T, ends), null)
    })

    test('tells a link with the owner', async (store) => {
      await admitted(store, deed('1', [put('card', 'ann'), put('ann'), put('app'), link('ann', 'app')]))
      assert.equal((await store.registry.facts(T, 'app', 'card', null)).ownerLinked, true)
      await admitted(store, deed('2', [remove('card')]))
      assert.equal((await store.registry.facts(T, 'app', 'card', null)).ownerLinked, true)
    })

    test('leaves no trace of what began and ended in one operation', async (store) => {
      const steps = [put('card', 'ann'), put('card', 'bob'), put('app'), link('app', 'card'), unlink('app', 'card')]
      const { sequence } = one(await admitted(store, deed('1', steps)))
      assert.deepEqual(await store.registry.links(T, 'app', sequence), [])
      assert.equal((await store.registry.facts(T, 'app', 'card', sequence)).sourceOwner, 'bob')
    })

    test('lists what is there by type and owner, page by page', async (store) => {
      const steps = [put('c1', 'ann'), put('c2', 'bob'), put('p1', 'ann', 'phone'), put('u1', null, 'user'), put('c3')]
      await admitted(store, deed('1', [...steps, remove('c3')]))
      const ids = async (filter: { types?: readonly string[]; owner?: string }, after: string | null = null) =>
        (await store.registry.list({ tenant: T, ...filter }, { after, limit: 2 })).map(({ id }) => id)
      assert.deepEqual(await ids({}), ['c1', 'c2'])
      assert.deepEqual(await ids({}, 'c2'), ['p1', 'u1'])
      assert.deepEqual(await ids({ types: ['user', 'card'] }), ['c1', 'c2'])
      assert.deepEqual(await ids({ types: ['user', 'card'] }, 'c2'), ['u1'])
      assert.deepEqual(await ids({ types: [] }), [])
      assert.deepEqual(await ids({ owner: 'ann' }), ['c1', 'p1'])
      assert.deepEqual(await ids({ owner: 'ann', types: ['phone'] }), ['p1'])
    })
  })
}
