import { existsSync } from 'node:fs'
import { Client } from 'pg'
import { describe, expect, it, onTestFinished } from 'vitest'
import { isLacking, named } from './faults/tools.js'
import { startPostgres } from './services/postgres.js'
import { programs } from './services/programs.js'
import { freshDatabase, POSTGRES, POSTGRES_VERSIONS, postgres } from './services.js'

async function connected(url: string): Promise<Client> {
  const client = new Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

const value = async (client: Client, query: string): Promise<unknown> =>
  Object.values((await client.query<Record<string, unknown>>(query)).rows[0] ?? {})[0]

describe.for(POSTGRES_VERSIONS)('a PostgreSQL $version for tests', (need) => {
  it.skipIf(isLacking(need))(named('is of that version, and durable', need), async () => {
    const client = await connected(await freshDatabase(need.version))
    expect(await value(client, 'SHOW server_version')).toMatch(new RegExp(`^${need.version}\\.`))
    expect(await value(client, 'SHOW fsync')).toBe('on')
    expect(await value(client, 'SHOW synchronous_commit')).toBe('on')
    expect(await value(client, 'SHOW server_encoding')).toBe('UTF8')
  })
})

describe.skipIf(isLacking(POSTGRES))(named('the servers of a run', POSTGRES), () => {
  it('are one of each version', async () => {
    expect(await postgres()).toEqual(await postgres())
  })

  let earlier = ''
  it('give an empty database', async () => {
    earlier = await freshDatabase()
    const client = await connected(earlier)
    expect(await value(client, "SELECT count(*)::int FROM pg_class WHERE relnamespace = 'public'::regnamespace")).toBe(
      0,
    )
  })

  it('drop it when its test is over', async () => {
    await expect(connected(earlier)).rejects.toThrow('does not exist')
  })

  it('let nobody in without the password', async () => {
    const { host, port, user } = await postgres()
    await expect(connected(`postgres://${user}:wrong@${host}:${port}/postgres`)).rejects.toThrow('password')
  })
})

describe.skipIf(isLacking(POSTGRES))(named("a test's own server", POSTGRES), () => {
  it('keeps what was committed when it is killed, and is gone when closed', async () => {
    const server = await startPostgres(programs(15) ?? '', { max_connections: 7 })
    const { host, port, user, password } = server.address
    const url = `postgres://${user}:${password}@${host}:${port}/postgres`
    const before = await connected(url)
    expect(await value(before, 'SHOW max_connections')).toBe('7')
    await before.query('CREATE TABLE kept AS SELECT 1')
    await server.stop('SIGKILL')
    await server.start()
    expect(await value(await connected(url), 'SELECT count(*)::int FROM kept')).toBe(1)
    await server.close()
    expect(existsSync(server.folder)).toBe(false)
    await expect(connected(url)).rejects.toThrow('ECONNREFUSED')
  })
})
