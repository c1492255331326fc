import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fillDisk } from '../faults/nodes/disk-full.js'
import { expectFullDiskTold, expectHeld } from '../faults/nodes/expectations.js'
import { SERVER_CLOCK, USUAL } from '../faults/nodes/faults.js'
import { type Ground, openGround } from '../faults/nodes/ground.js'
import { judge, misreadIn, stolenIn, twoHeads, watch } from '../faults/nodes/oracle.js'
import { faultRounds } from '../faults/nodes/rounds.js'
import { FAKETIME } from '../faults/nodes/wrong-clock.js'
import { rounds, seedOfRun } from '../faults/random.js'
import type { Received } from '../faults/receiver.js'
import { isLacking, named, ROOT } from '../faults/tools.js'
import { POSTGRES } from '../services.js'

const MINUTES = 60_000

describe.skipIf(isLacking(POSTGRES))(named('three nodes on one PostgreSQL', POSTGRES), () => {
  it('lose nothing, keep order and steal no lease, whatever befalls them', { timeout: 5 * MINUTES }, async () => {
    const faults = USUAL.slice(0, rounds(USUAL.length))
    expectHeld(await faultRounds({ faults, rounds: 1, seed: seedOfRun() }))
  })

  it('are seen to steal leases where tokens do not rise (the control)', { timeout: 5 * MINUTES }, async () => {
    const report = await faultRounds({
      ...{ faults: ['standstill'], rounds: 3, seed: 1 },
      sabotage: (client) => client.query(WITHOUT_FENCING),
    })
    expect(report.stolen).not.toEqual([])
    expect(() => expectHeld(report)).toThrow()
  })
})

describe.skipIf(isLacking(POSTGRES) || isLacking(FAKETIME))(
  named(named('three nodes on a PostgreSQL whose clock jumps', FAKETIME), POSTGRES),
  () => {
    it('lose nothing, keep order and steal no lease', { timeout: 3 * MINUTES }, async () => {
      expectHeld(await faultRounds({ faults: [SERVER_CLOCK], rounds: 2, seed: seedOfRun() }))
    })
  },
)

describe.skipIf(isLacking(POSTGRES) || isLacking(ROOT))(named(named('a full disk', ROOT), POSTGRES), () => {
  it('of PostgreSQL refuses, and loses nothing', { timeout: 5 * MINUTES }, async () => {
    expectFullDiskTold(await fillDisk())
  })
})

const WITHOUT_FENCING = `CREATE FUNCTION watched.frozen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF OLD.state = 'leased' OR OLD.failures > 0 THEN NEW.token := OLD.token; END IF;
    RETURN NEW;
  END $$;
  CREATE TRIGGER frozen BEFORE UPDATE ON tocsin.tasks FOR EACH ROW EXECUTE FUNCTION watched.frozen();`

const received = (event: string, more: Partial<Received> = {}): Received => ({
  ...{ path: '/', webhookId: `id of ${event}`, event, subject: 's0', life: 0, at: 0, status: 204 },
  sequence: (event.split('.')[1] ?? '').padStart(20, '0'),
  ...more,
})

describe.skipIf(isLacking(POSTGRES))(named('the oracles of nodes (controls)', POSTGRES), () => {
  let ground: Ground
  beforeAll(async () => {
    ground = await openGround({ nodes: 0 })
    const client = await ground.connect()
    await watch(client)
    await client.query(EVENTS)
    await client.end()
  })
  afterAll(() => ground.close())

  const asked = async <Answer>(ask: (client: Awaited<ReturnType<Ground['connect']>>) => Promise<Answer>) => {
    const client = await ground.connect()
    try {
      return await ask(client)
    } finally {
      await client.end()
    }
  }

  const PATH = { path: '/', subscription: 'a', ordered: true }
  const PROMISED = [1, 2].map((number) => ({ id: `s0.${number}`, subject: 's0' }))

  it('find nothing wrong with a clean run', async () => {
    const ledger = [received('s0.1'), received('s0.2')]
    expect(await asked((client) => judge(client, PATH, PROMISED, ledger))).toEqual({
      ...{ lost: [], renamed: [], disorder: [], needless: [] },
      duplicates: 0,
    })
  })

  it.each([
    ['lost', [received('s0.1'), received('s0.2', { status: 500 })]],
    ['renamed', [received('s0.1'), received('s0.2'), received('s0.2', { webhookId: 'other', status: 500 })]],
    ['disorder', [received('s0.2'), received('s0.1')]],
    // Its one lease has an attempt on record.
    ['needless', [received('s0.1'), received('s0.1'), received('s0.2')]],
  ] as const)('find what is %s', async (fault, ledger) => {
    const verdict = await asked((client) => judge(client, PATH, PROMISED, ledger))
    expect(verdict[fault]).toHaveLength(1)
  })

  it('allow a duplicate of a lease that was lost', async () => {
    const ledger = [received('s0.1'), received('s0.2'), received('s0.2')]
    expect(await asked((client) => judge(client, PATH, PROMISED, ledger))).toMatchObject({
      needless: [],
      duplicates: 1,
    })
  })

  it('find two heads of a group, an attempt of another node, and what a reader skipped', async () => {
    expect(await asked(twoHeads)).toEqual(['a s1'])
    expect(await asked(stolenIn)).toEqual(['3 1 by node-2 of node-1'])
    const read = (number: number) => ({ sequence: `${number}`.padStart(20, '0'), id: `s0.${number}` })
    expect(await asked((client) => misreadIn(client, [1, 2, 3, 4].map(read)))).toEqual([])
    expect(await asked((client) => misreadIn(client, [1, 2, 4].map(read)))).toHaveLength(1)
    expect(await asked((client) => misreadIn(client, [1, 3, 2, 4].map(read)))).toHaveLength(1)
  })
})

/** Event 1 was leased once, 2 twice with one attempt on record, 3 has an attempt of the wrong node and shares its group with 4. */
const EVENTS = `
INSERT INTO tocsin.subscriptions (tenant, id, name, state, spec, owner, revision, start_sequence, created_at, updated_at, pulled)
  VALUES ('default', 'a', 'a', 'active', '{}', 'k', 1, 0, 0, 0, 0);
INSERT INTO tocsin.events (tenant, sequence, source, id, type, subject, partition_key, priority, received_at, state, hash,
    principal, body, operation)
  SELECT 'default', n, '/faults', 's0.' || n, 'user.updated', 's0', 's0', 'normal', 0, 'admitted', 'h', 'k', '{}', n
  FROM generate_series(1, 4) AS n;
INSERT INTO tocsin.tasks (tenant, sequence, subscription, group_key, type, subject, state, priority, attempts, failures, token,
    created_at, rank)
  SELECT 'default', n, 'a', 's' || n / 3, 'user.updated', 's0', CASE WHEN n < 3 THEN 'done' ELSE 'due' END, 2, 0, 0, 0, 0, 2
  FROM generate_series(1, 4) AS n;
INSERT INTO watched.leases (sequence, subscription, attempt, token, node)
  VALUES (1, 'a', 1, 1, 'node-1'), (2, 'a', 1, 1, 'node-1'), (2, 'a', 2, 2, 'node-2'), (3, 'a', 1, 1, 'node-1');
INSERT INTO tocsin.attempts (tenant, sequence, subscription, number, started_at, ended_at, outcome, node)
  VALUES ('default', 1, 'a', 1, 0, 0, 'delivered', 'node-1'), ('default', 2, 'a', 2, 0, 0, 'delivered', 'node-2'),
    ('default', 3, 'a', 1, 0, 0, 'delivered', 'node-2');`
