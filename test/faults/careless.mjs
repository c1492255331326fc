/**
 * Loaded before the server: SQLite no longer syncs its commits, and says it does. The control of the tests of durability.
 */
import Module from 'node:module'

const SOURCES = ['node:sqlite', '@photostructure/sqlite']

// The drivers' own methods cannot be replaced, so what `require` answers is.
const load = Module._load
Module._load = function (request, ...rest) {
  const driver = load.call(this, request, ...rest)
  return SOURCES.includes(request) ? { DatabaseSync: careless(driver.DatabaseSync) } : driver
}

const careless = (Database) =>
  class extends Database {
    exec(sql) {
      return super.exec(sql.replace('synchronous = FULL', 'synchronous = NORMAL'))
    }
    prepare(sql, ...more) {
      return super.prepare(sql === 'PRAGMA synchronous' ? 'SELECT 2' : sql, ...more)
    }
  }
