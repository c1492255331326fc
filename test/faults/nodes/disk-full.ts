/**
 * The disk of PostgreSQL is full: nothing is accepted, nothing that was is lost, and it goes on when there is room.
 */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { publish, subscribe } from '../client.js'
import { until } from '../random.js'
import { openReceiver, type Receiver } from '../receiver.js'
import { type Ground, openGround } from './ground.js'
import { disorderIn } from './oracle.js'

const MIB = 1_048_576
/** Of the disk, and what is left of it when publishing begins: less than the next file of the log takes. */
const DISK = 160
const LEFT = 10

export interface FullDisk {
  readonly promised: number
  readonly refusals: readonly { readonly status: number; readonly code: unknown }[]
  readonly lost: readonly string[]
  readonly disorder: readonly string[]
  /** Promised, and not found in the end. */
  readonly missing: readonly string[]
}

/** Needs root, and the right to mount. */
export async function fillDisk(): Promise<FullDisk> {
  let folder = ''
  const receiver = await openReceiver()
  const ground = await openGround({
    nodes: 1,
    settings: { min_wal_size: '32MB', max_wal_size: '48MB' },
    place: (at, user) => {
      folder = at
      const data = join(at, 'data')
      mkdirSync(data)
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK}m`, 'tmpfs', data])
      if (user) chownSync(data, user.uid, user.gid)
    },
  })
  try {
    return await run(ground, join(folder, 'data', 'ballast'), receiver)
  } finally {
    await ground.close(() => execFileSync('umount', ['--lazy', join(folder, 'data')]))
    await receiver.close()
  }
}

async function run(ground: Ground, ballast: string, receiver: Receiver): Promise<FullDisk> {
  const api = ground.nodes[0]?.api()
  if (api === undefined) throw new TypeError('There is no node.')
  await subscribe(api, `${receiver.url}/`, { retry: { attempts: 100, firstDelay: 10, maxDelay: 100 } })
  const { bavail, bsize } = statfsSync(join(ballast, '..'))
  writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - LEFT * MIB)))
  const promised: string[] = []
  const refusals: { status: number; code: unknown }[] = []
  let number = 0
  const publishNext = async () => {
    number += 1
    const answer = await publish(api, {
      id: `full.${number}`,
      subject: 'full',
      note: randomBytes(60_000).toString('base64'),
    })
    if (answer.status < 300) promised.push(`full.${number}`)
    return answer
  }
  await until('it is full', async () => {
    const { status, json } = await publishNext()
    if (status >= 300) refusals.push({ status, code: json.code })
    return refusals.length === 5
  })
  rmSync(ballast)
  await revived(ground)
  await until('it accepts again', async () => (await publishNext()).status === 202)
  await until('all that was promised comes', () => promised.every((id) => receiver.took('/', id))).catch(
    () => undefined,
  )
  const found = await Promise.all(promised.map(async (id) => (await api.call('GET', `/v1/events/${id}`)).status))
  return {
    ...{ promised: promised.length, refusals },
    lost: promised.filter((id) => !receiver.took('/', id)),
    disorder: disorderIn(receiver.ledger),
    missing: promised.filter((_, index) => found[index] !== 200),
  }
}

/** A server that cannot write its log ends; whoever watches over it starts it again. */
async function revived({ postgres, connect }: Ground): Promise<void> {
  const answers = await connect().then(
    (client) => client.end().then(() => true),
    () => false,
  )
  if (answers) return
  await postgres.stop('SIGQUIT')
  await postgres.start()
}
