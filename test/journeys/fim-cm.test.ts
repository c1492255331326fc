/**
 * A team comes from FIM CM: its own web.config, its own sink classes, its notifications sent by HTTP and on the command
 * line, and what its handlers did, in order, through a change and a restart.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Ran, runCli } from '../../cli/testing.js'
import { type Instance, serve } from '../../server/main.js'
import { loadConfig } from '../../src/index.js'
import { makeFolder, removeFolder } from '../faults/instance.js'
import { isLacking, named } from '../faults/tools.js'
import { inDatabase } from '../services/postgres.js'
import { POSTGRES, postgres } from '../services.js'

/** As they have it; the password of the door's database is a secret. */
const WEB_CONFIG = `<?xml version="1.0" encoding="utf-8"?>
<configuration>
  <configSections>
    <section name="ClmNotifications" type="Microsoft.Clm.Shared.Notifications.Configuration" />
  </configSections>
  <appSettings>
    <add key="Clm.Database" value="Server=cm;Password=canary-1" />
  </appSettings>
  <ClmNotifications>
    <add event="ApproveRequest" class="Contoso.Fim.ApprovalLog, Contoso.Fim.Handlers" initializationData="approvals.log" />
    <add event="ApproveRequest" class="Contoso.Fim.DoorSystem,Contoso.Fim.Handlers" initializationData="doors.log;Password=canary-2" />
    <add event="DisableSmartcard" class="Contoso.Fim.DoorSystem,Contoso.Fim.Handlers" initializationData="doors.log;Password=canary-2" />
    <add event="CardLost" class="Contoso.Fim.DoorSystem,Contoso.Fim.Handlers" initializationData="doors.log" />
    <add event="CreateProfile" class="Contoso.Fim.Gone, Contoso.Fim.Handlers" initializationData="" />
  </ClmNotifications>
</configuration>
`

/** Their code, moved over: INotificationSink with the same two methods. */
const HANDLERS = `
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'

class Sink {
  initialize(data) {
    const [file] = data.split(';')
    this.file = join(process.env.CONTOSO_LOGS, file)
    this.order = join(process.env.CONTOSO_LOGS, 'order.log')
    appendFileSync(this.order, \`made \${this.constructor.name}\\n\`)
  }
  write(line) {
    appendFileSync(this.file, \`\${line}\\n\`)
    appendFileSync(this.order, \`\${this.constructor.name}\\n\`)
  }
}
export class ApprovalLog extends Sink {
  async notify({ request, actorUserUuid }, { provision }) {
    const again = await provision.getRequest(request.uuid)
    this.write(\`\${again.requestType} of \${request.targetUserUuid} approved by \${actorUserUuid}\`)
  }
}
export class DoorSystem extends Sink {
  notify({ notificationType, request }) {
    if (notificationType === 'DisableSmartcard') throw new Error('The door does not answer.')
    this.write(\`\${notificationType} \${request.uuid}\`)
  }
}
`

const TABLE = `
classes:
  "Contoso.Fim.ApprovalLog, Contoso.Fim.Handlers": { module: ./sinks/handlers.mjs, export: ApprovalLog }
  "Contoso.Fim.DoorSystem, Contoso.Fim.Handlers": { module: ./sinks/handlers.mjs, export: DoorSystem }
`

const NOBODY = '00000000-0000-0000-0000-000000000000'
const USER = '22222222-2222-4222-8222-222222222222'
const APPROVER = '33333333-3333-4333-8333-333333333333'

const notification = (type: string, uuid: string, more: object = {}, request: object = {}) => ({
  ActorUserUuid: APPROVER,
  Started: '2026-11-21T10:00:00.1234567',
  Completed: '2026-11-21T10:00:01.5',
  IsSuccess: true,
  NotificationType: type,
  Request: {
    ...{ Uuid: uuid, RequestType: 'Enroll', Status: 'Pending', IsSmartcard: true, TargetUserUuid: USER },
    ...{ NewSmartcardUuid: NOBODY, DataCollection: [], SecurityDescriptor: 'O:BAG:DUD:(A;;GA;;;BA)' },
    ...request,
  },
  ...more,
})
const REQUEST = (number: number) => `3fb2c9a0-5d1e-4c57-9a53-0b8c1d2e3f4${number}`

interface World {
  readonly folder: string
  readonly key: string
  instance: Instance
}

const linesOf = ({ folder }: World, name: string): readonly string[] => {
  const file = join(folder, 'logs', name)
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
}

const tocsin = ({ folder, instance, key }: World, words: string, input?: unknown): Promise<Ran> =>
  runCli(words.split(' '), {
    folder,
    environment: { TOCSIN_SERVER: instance.url, TOCSIN_KEY: key },
    ...(input !== undefined && { input: JSON.stringify(input) }),
  })

const start = (folder: string, database?: string): Promise<Instance> => {
  const given = database === undefined ? [] : [{ flag: 'test', path: 'database', value: database }]
  const flags = [{ flag: 'test', path: 'server.port', value: 0 }, ...given]
  return serve(loadConfig({ folder, environment: { TOCSIN_LOG_LEVEL: 'silent' }, flags }).config)
}

async function inWorld(database: string | undefined, work: (world: World) => Promise<void>): Promise<void> {
  const folder = makeFolder()
  mkdirSync(join(folder, 'sinks'))
  mkdirSync(join(folder, 'logs'))
  process.env.CONTOSO_LOGS = join(folder, 'logs')
  writeFileSync(join(folder, 'sinks', 'handlers.mjs'), HANDLERS)
  writeFileSync(join(folder, 'web.config'), WEB_CONFIG)
  const made = await runCli(['init', '--json', ...(database === undefined ? [] : ['--database', database])], { folder })
  const settings = join(folder, 'tocsin.yaml')
  writeFileSync(settings, `${readFileSync(settings, 'utf8')}\n${TABLE}`)
  const world: World = { folder, key: JSON.parse(made.out).key, instance: await start(folder, database) }
  try {
    await work(world)
  } finally {
    await world.instance.close()
    removeFolder(folder)
  }
}

const SEVERAL = [
  ['SQLite', (work: (database: string | undefined) => Promise<void>) => work(undefined)],
  ...(isLacking(POSTGRES)
    ? []
    : ([
        ['PostgreSQL', async (work: (database: string) => Promise<void>) => inDatabase(await postgres(), work)],
      ] as const)),
] as const

describe(named('a team that comes from FIM CM', POSTGRES), () => {
  it.each(SEVERAL)('finds its handlers at work on %s', { timeout: 120_000 }, (_, on) =>
    on((database) =>
      inWorld(database, async (world) => {
        // What would become of each entry, and then what did.
        const dry = await tocsin(world, 'import clm-notifications web.config --dry-run')
        expect(dry.out).toContain('CardLost Contoso.Fim.DoorSystem,Contoso.Fim.Handlers\n')
        expect(dry.out).toContain('No documentation read proves a NotificationType "CardLost"')
        expect(dry.out).toContain('5 entries: 4 taken, 0 mapped, 0 unknown, 1 refused.')
        expect(linesOf(world, 'order.log')).toEqual([])
        const imported = await tocsin(world, 'import clm-notifications web.config')
        expect(imported).toMatchObject({ code: 0, err: '' })
        expect(imported.out).toContain('4 classes are registered, 1 of them cannot be started.')
        expect(imported.out).toContain(
          '4. CreateProfile The class Contoso.Fim.Gone, Contoso.Fim.Handlers is not in the table',
        )
        expect(linesOf(world, 'order.log')).toEqual(['made ApprovalLog', 'made DoorSystem', 'made DoorSystem'])

        // By HTTP: whoever posts is answered when both handlers have run, in their order.
        const answer = await fetch(`${world.instance.url}/v1/translate/fim-cm?source=/fim`, {
          method: 'POST',
          headers: { authorization: `Bearer ${world.key}`, 'content-type': 'application/json' },
          body: JSON.stringify(notification('ApproveRequest', REQUEST(1))),
        })
        expect(answer.status).toBe(207)
        expect(linesOf(world, 'approvals.log')).toEqual([`Enroll of ${USER} approved by ${APPROVER}`])
        expect(linesOf(world, 'doors.log')).toEqual([`ApproveRequest ${REQUEST(1)}`])
        expect(linesOf(world, 'order.log').slice(3)).toEqual(['ApprovalLog', 'DoorSystem'])

        // On the command line. A handler that fails is told; the card is disabled all the same.
        const disabling = notification('DisableSmartcard', REQUEST(2), {}, { OldSmartcardUuid: REQUEST(9) })
        const told = await tocsin(world, 'publish - --as fim-cm', disabling)
        expect(told).toMatchObject({ code: 0 })
        expect(told.out).toMatch(/state +admitted/)
        expect(told.out).toMatch(/exception.*The door does not answer/)
        const wrong = notification('DownloadPfx', REQUEST(3))
        expect((await tocsin(world, 'publish - --as fim-cm', wrong)).err).toContain('software profiles only')

        // Who is registered, in order, with its data, and no secret.
        const overview = await tocsin(world, 'processors overview --module fim-cm')
        expect(overview.out).toContain('"class":"Contoso.Fim.ApprovalLog, Contoso.Fim.Handlers"')
        const registered = await tocsin(world, 'processors registered --system fim-cm')
        expect(registered.out).toMatch(
          /1 +ApproveRequest +Contoso\.Fim\.ApprovalLog, Contoso\.Fim\.Handlers +approvals\.log/,
        )
        expect(registered.out).toMatch(/2 +ApproveRequest +Contoso\.Fim\.DoorSystem, Contoso\.Fim\.Handlers +\*\*\*/)
        const shown = [dry, imported, told, overview, registered].map(({ out, err }) => out + err).join('')
        expect(shown).not.toContain('canary')

        // The file is changed: the other order, at once; who stays keeps its instance.
        writeFileSync(join(world.folder, 'web.config'), swapped(WEB_CONFIG))
        await tocsin(world, 'import clm-notifications web.config')
        const before = linesOf(world, 'order.log').length
        await tocsin(world, 'publish - --as fim-cm', notification('ApproveRequest', REQUEST(4)))
        expect(linesOf(world, 'order.log').slice(before)).toEqual(['DoorSystem', 'ApprovalLog'])

        // Started anew, they are there, each made once, in that order.
        await world.instance.close()
        const closed = linesOf(world, 'order.log').length
        world.instance = await start(world.folder, database)
        await tocsin(world, 'publish - --as fim-cm', notification('ApproveRequest', REQUEST(5)))
        expect(linesOf(world, 'order.log').slice(closed)).toEqual([
          ...['made DoorSystem', 'made ApprovalLog', 'made DoorSystem'],
          ...['DoorSystem', 'ApprovalLog'],
        ])
        expect(linesOf(world, 'doors.log').at(-1)).toBe(`ApproveRequest ${REQUEST(5)}`)
      }),
    ),
  )
})

/** The first two entries change places. */
function swapped(config: string): string {
  const [first = '', second = ''] = config.split('\n').filter((line) => line.includes('ApproveRequest'))
  return config.replace(first, 'X').replace(second, first).replace('X', second)
}
