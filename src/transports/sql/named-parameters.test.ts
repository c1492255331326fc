import { describe, expect, it } from 'vitest'
import { MARIADB, POSTGRES, SQLITE } from './dialect.js'
import { readStatement } from './named-parameters.js'
import { readServer } from './server.js'

const written = (text: string, dialect = POSTGRES) => readStatement(text, dialect).write((name) => `<${name}>`)

describe('a statement', () => {
  it.each([
    ['UPDATE t SET a = :a WHERE b=:b;', 'UPDATE t SET a = <a> WHERE b=<b>'],
    ["UPDATE t SET a = ':no' || :a", "UPDATE t SET a = ':no' || <a>"],
    ["UPDATE t SET a = 'it''s :no', b = :b", "UPDATE t SET a = 'it''s :no', b = <b>"],
    ["UPDATE t SET a = E'\\':no', b = :b", "UPDATE t SET a = E'\\':no', b = <b>"],
    ['UPDATE "t:no" SET a = :a::int', 'UPDATE "t:no" SET a = <a>::int'],
    ['UPDATE t SET a = :a -- :no\n, b = :b', 'UPDATE t SET a = <a> -- :no\n, b = <b>'],
    ['UPDATE t /* :no ; */ SET a = :a', 'UPDATE t /* :no ; */ SET a = <a>'],
    ['SELECT f($x$ :no ; $x$, $$ it is :no $$, :a)', 'SELECT f($x$ :no ; $x$, $$ it is :no $$, <a>)'],
  ])('has parameters where it is code: %s', (text, expected) => {
    expect(written(text)).toBe(expected)
  })

  it('names a parameter once, however often it is used', () => {
    expect(readStatement('UPDATE t SET a = :a, b = :b WHERE a <> :a', POSTGRES).names).toEqual(['a', 'b'])
  })

  it.each([
    'DELETE FROM t; DROP TABLE t',
    "DELETE FROM t WHERE a = 'open",
    'DELETE FROM t WHERE a = "open',
    'DELETE FROM t /* open ; ',
    'DROP TABLE t',
    'TRUNCATE t',
    "COPY t TO PROGRAM 'x'",
    'BEGIN',
    '',
    '-- nothing',
    'DELETE FROM t WHERE a = $1',
  ])('is refused: %s', (text) => {
    expect(() => written(text)).toThrow(expect.objectContaining({ code: 'invalid_request', field: 'target.statement' }))
  })

  it('has a place for each use where a database counts them', () => {
    const statement = readStatement('UPDATE t SET a = :a, b = :b WHERE a <> :a', MARIADB)
    expect(statement.write(MARIADB.placeholder.bind(null, 1))).toBe('UPDATE t SET a = ?, b = ? WHERE a <> ?')
    expect(statement.places).toEqual(['a', 'b', 'a'])
    expect(() => readStatement("UPDATE t SET a = 1 # it's", MARIADB)).toThrow(/./)
  })

  it.each([
    "ATTACH '/etc/x.db' AS x",
    "VACUUM INTO '/tmp/x'",
    'PRAGMA writable_schema = ON',
    'SELECT 1',
    'DELETE FROM t WHERE a = ?',
    'DELETE FROM t WHERE a = @a',
    'DELETE FROM t WHERE a = $a',
  ])('that would leave its SQLite file is refused: %s', (text) => {
    expect(() => written(text, SQLITE)).toThrow(expect.objectContaining({ field: 'target.statement' }))
  })
})

describe('the URL of a database', () => {
  it('is read into its parts', () => {
    expect(readServer('postgres://id%40ms@db.example.org:6432/id%20ms')).toEqual({
      ...{ kind: 'postgres', host: 'db.example.org', port: 6432, user: 'id@ms', database: 'id ms' },
    })
    expect(readServer('postgresql://u@[::1]/d')).toMatchObject({ host: '::1', port: 5432 })
    expect(readServer('mariadb://u@db.example.org/d')).toMatchObject({ kind: 'mariadb', port: 3306 })
  })

  it.each([
    'mysql://u@h/d',
    'mariadbql://u@h/d',
    'postgres://h/d',
    'postgres://u@h',
    'postgres://u:canary-password@h/d',
    'postgres://u@h/d?sslmode=disable',
    'postgres://u@h/d?host=/var/run/postgresql',
    'postgres://u@%2Fvar%2Frun/d',
    'postgres://u@/d',
    'postgres://%ff@h/d',
    'nonsense',
  ])('is refused: %s', (url) => {
    const refusal = () => readServer(url)
    expect(refusal).toThrow(expect.objectContaining({ code: 'invalid_request', field: 'target.url' }))
    expect(refusal).not.toThrow(/canary/)
  })
})
