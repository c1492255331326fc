import { mkdtempSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvalidInput } from '../../errors.js'
import type { Problem } from './check.js'
import { type ConfigSources, loadConfig, printConfig, resolveConfig } from './config.js'
import { SETTINGS } from './schema.js'

const folderWith = (yaml: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-config-'))
  writeFileSync(join(folder, 'tocsin.yaml'), yaml)
  return folder
}

const load = (yaml: string, rest: ConfigSources = {}) => loadConfig({ folder: folderWith(yaml), ...rest }).config

function refusalOf(run: () => unknown): InvalidInput {
  try {
    run()
  } catch (error) {
    if (error instanceof InvalidInput) return error
    throw error
  }
  throw new Error('nothing was refused')
}

const problemsOf = (run: () => unknown) => refusalOf(run).data.problems as readonly Problem[]

describe('sources', () => {
  it('gives defaults for everything nobody set', () => {
    const config = load('')
    expect(config.server).toEqual({ host: '127.0.0.1', port: 7300, allowRemote: false, bodyLimit: 4_194_304, tls: {} })
    expect(config.delivery.workers).toBe(200)
    expect(config.node).toBe(hostname())
    expect(load('database: postgres://127.0.0.1/tocsin').node).toBe(`${hostname()}-${process.pid}`)
  })

  it('lays file, environment and flags over each other, in this order', () => {
    const yaml = 'server:\n  port: 1\n  host: localhost\nlog:\n  level: debug\ndelivery:\n  workers: 5\n'
    const environment = { TOCSIN_SERVER_PORT: '2', TOCSIN_LOG_LEVEL: 'warn', PATH: '/bin' }
    const config = load(yaml, { environment, flags: [{ flag: '--port', path: 'server.port', value: '3' }] })
    expect(config.server.port).toBe(3)
    expect(config.log.level).toBe('warn')
    expect(config.delivery.workers).toBe(5)
    expect(config.server.host).toBe('localhost')
  })

  it('replaces lists and merges sections', () => {
    const config = load('egress:\n  allow: [10.0.0.0/8]\n  allowHttp: true\n', {
      environment: { TOCSIN_EGRESS_ALLOW: '192.168.0.0/16, fd00::/8' },
    })
    expect(config.egress).toMatchObject({ allow: ['192.168.0.0/16', 'fd00::/8'], allowHttp: true })
  })

  it('answers a frozen value', () => {
    const config = load('processors:\n  a:b:\n    options: { list: [1] }\n')
    expect(Object.isFrozen(config.server)).toBe(true)
    expect(Object.isFrozen(config.processors['a:b']?.options?.list)).toBe(true)
  })

  it('reads file names from the place they were written at', () => {
    const folder = folderWith('database: data/t.db\nsealing:\n  keyFile: key\n')
    const config = loadConfig({
      file: join(folder, 'tocsin.yaml'),
      folder: '/elsewhere',
      environment: { TOCSIN_FILES_ROOT: 'out' },
    }).config
    expect(config.database).toBe(join(folder, 'data/t.db'))
    expect(config.sealing.keyFile).toBe(join(folder, 'key'))
    expect(config.files.root).toBe('/elsewhere/out')
  })

  it('keeps the word memory', () => {
    expect(load('database: memory\n').database).toBe('memory')
  })

  it('takes a section without settings as nothing said', () => {
    expect(load('server:\n  # port: 1\n').server.port).toBe(7300)
  })

  it('reads an environment variable for every setting', () => {
    const names = SETTINGS.map(({ variable }) => variable)
    expect(names).toContain('TOCSIN_SERVER_BODY_LIMIT')
    expect(names).toContain('TOCSIN_SEALING_KEY_FILE')
    expect(new Set(names).size).toBe(names.length)
  })
})

describe('what is refused', () => {
  it.each([
    ['server:\n  prot: 80\n', 'tocsin.yaml:2', 'server.prot', 'Did you mean server.port?'],
    ['log:\n  level: info\n\nretension:\n  events: 1\n', 'tocsin.yaml:4', 'retension', 'Did you mean retention?'],
    ['body_limit: 5000\n', 'tocsin.yaml:1', 'body_limit', 'Did you mean server.bodyLimit?'],
    ['server:\n  allow-remote: true\n', 'tocsin.yaml:2', 'server.allow-remote', 'Did you mean server.allowRemote?'],
    ['zebra: 1\n', 'tocsin.yaml:1', 'zebra', 'It knows one of database, node,'],
    [
      'processors:\n  a:\n    enabld: true\n',
      'tocsin.yaml:3',
      'processors.a.enabld',
      'Did you mean processors.a.enabled?',
    ],
    ['server:\n  __proto__: { port: 1 }\n', 'tocsin.yaml:2', 'server.__proto__', 'is not a setting'],
    ['processors:\n  constructor: {}\n', 'tocsin.yaml:2', 'processors.constructor', 'is not a setting'],
  ])('%j', (yaml, origin, field, text) => {
    const [problem] = problemsOf(() => load(yaml))
    expect(problem).toMatchObject({ origin, field })
    expect(problem?.message).toContain(text)
  })

  it.each([
    ['server:\n  port: "80"\n', 'server.port must be an integer from 0 to 65535, not the text "80".'],
    ['server:\n  port: 80.5\n', 'not 80.5.'],
    ['server:\n  port: 65536\n', 'not 65536.'],
    ['server:\n  port:\n', 'not nothing.'],
    ['server: 80\n', 'server must be a section with settings of its own, not 80.'],
    ['server:\n  allowRemote: yes\n', 'server.allowRemote must be true or false, not the text "yes".'],
    [
      'log:\n  level: loud\n',
      'log.level must be one of trace, debug, info, warn, error, fatal, silent, not the text "loud".',
    ],
    ['egress:\n  allow: 10.0.0.0/8\n', 'egress.allow must be a list of networks such as 10.0.0.0/8'],
    ['egress:\n  allow: [10.0.0.0/40]\n', 'egress.allow.0 must be a network such as'],
    ['- a\n', 'the configuration must be a section'],
  ])('%j is of the wrong kind', (yaml, text) => {
    expect(refusalOf(() => load(yaml)).message).toContain(text)
  })

  it('tells all problems of all sources at once', () => {
    const run = () =>
      load('servr: 1\nlog:\n  level: 3\n', { environment: { TOCSIN_SERVER_PORT: 'x', TOCSIN_SERVER_PROT: '1' } })
    expect(problemsOf(run).map(({ origin }) => origin)).toEqual([
      'tocsin.yaml:1',
      'tocsin.yaml:3',
      'TOCSIN_SERVER_PORT',
      'the environment',
    ])
    expect(refusalOf(run).message).toContain('(and 3 more)')
  })

  it('suggests the variable that was meant, and knows what is not a setting', () => {
    const environment = {
      TOCSIN_SERVER_BODYLIMIT: '1',
      TOCSIN_KEY: 'k',
      TOCSIN_PORT_7300_TCP_ADDR: 'a',
      TOCSIN_SERVICE_HOST: 'b',
    }
    const [problem, ...others] = problemsOf(() => load('', { environment }))
    expect(problem?.message).toBe(
      'The variable TOCSIN_SERVER_BODYLIMIT is not a setting. Did you mean TOCSIN_SERVER_BODY_LIMIT?',
    )
    expect(others).toEqual([])
  })

  it('names the flag', () => {
    const flags = [{ flag: '--port', path: 'server.port', value: 'http' }]
    expect(refusalOf(() => load('', { flags })).message).toMatch(/^--port: server.port must be an integer/)
  })

  it('never shows a secret of the wrong kind', () => {
    expect(refusalOf(() => load('sealing:\n  key: 31415926\n')).message).not.toContain('31415926')
  })

  it.each([
    ['server:\n  host: 0.0.0.0\n', 'server.host'],
    ['server:\n  host: example.org\n', 'server.host'],
    ['sealing:\n  key: a\n  keyFile: b\n', 'sealing'],
    ['server:\n  bodyLimit: 1024\n', 'server.bodyLimit'],
  ])('%j contradicts itself', (yaml, field) => {
    expect(refusalOf(() => load(yaml)).field).toBe(field)
  })

  it.each(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1', 'localhost'])('%s is the machine itself', (host) => {
    expect(resolveConfig({ server: { host } }).server.host).toBe(host)
  })

  it('says where a file is not YAML', () => {
    expect(refusalOf(() => load('a: 1\nb: [1,\n')).message).toMatch(/^tocsin.yaml:\d+: this is not valid YAML/)
    expect(refusalOf(() => load('log:\n  level: info\nlog: {}\n')).message).toContain('tocsin.yaml:3')
    expect(refusalOf(() => loadConfig({ file: '/nowhere/t.yaml' })).message).toContain('/nowhere/t.yaml cannot be read')
  })

  it('survives an alias bomb', () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x,x]\n${[...'bcdefgh'].map((l, i) => `${l}: &${l} [${`*${'abcdefgh'[i]},`.repeat(10)}]`).join('\n')}\n`
    expect(refusalOf(() => load(bomb)).code).toBe('invalid_config')
  })

  it('answers a config or an InvalidInput for any text', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('server', ':', ' ', '\n', '- ', '{', '}', '&a', '*a', '1', 'port', '__proto__'),
        }),
        (text) => {
          const folder = folderWith(text)
          try {
            loadConfig({ folder })
          } catch (error) {
            expect(error).toBeInstanceOf(InvalidInput)
          }
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('processors in another process', () => {
  const secret = `whsec_${Buffer.alloc(32, 'h').toString('base64')}`
  const whole = `httpProcessors:\n  acme:check:\n    kind: judge\n    url: https://acme.example/check\n    secret: ${secret}\n`

  it('are declared by name', () => {
    expect(load(`${whole}    types: [user.*]\n    deadline: 100\n    onError: continue\n`).httpProcessors).toEqual({
      'acme:check': {
        ...{ kind: 'judge', url: 'https://acme.example/check', secret },
        ...{ types: ['user.*'], deadline: 100, onError: 'continue' },
      },
    })
    expect(load('').httpProcessors).toEqual({})
  })

  it('never show their secret', () => {
    const text = printConfig(load(whole))
    expect(text).toContain('https://acme.example/check')
    expect(text).not.toContain(secret)
  })

  it.each([
    ['no kind', `httpProcessors: { a: { url: "https://a", secret: "${secret}" } }`, 'httpProcessors.a.kind'],
    ['no url', `httpProcessors: { a: { kind: judge, secret: "${secret}" } }`, 'httpProcessors.a.url'],
    ['no secret', 'httpProcessors: { a: { kind: judge, url: "https://a" } }', 'httpProcessors.a.secret'],
    ['another kind', `${whole}    onError: perhaps\n`, 'httpProcessors.acme:check.onError'],
    ['another url', whole.replace('https:', 'ftp:'), 'httpProcessors.acme:check.url'],
    ['a weak secret', whole.replace(secret, 'whsec_hunter2'), 'httpProcessors.acme:check.secret'],
    ['another member', `${whole}    oder: 1\n`, 'httpProcessors.acme:check.oder'],
    ['a deadline beyond bounds', `${whole}    deadline: 0\n`, 'httpProcessors.acme:check.deadline'],
  ])('are refused with %s, by the field', (_, yaml, field) => {
    const error = refusalOf(() => load(yaml))
    expect(error.field).toBe(field)
    expect(JSON.stringify([error.message, error.data])).not.toMatch(/hunter2|aGhoaGh/)
  })
})

describe('printing', () => {
  it('masks secrets, also those in the options of processors', () => {
    const config = load(
      'sealing:\n  key: hunter2hunter2\nprocessors:\n  "x:token":\n    options: { url: "https://a", apiKey: hunter2, deep: { password: hunter2 }, list: [{ clientSecret: hunter2 }] }\n',
    )
    const text = printConfig(config)
    expect(text).not.toContain('hunter2')
    expect(text).toContain('url: https://a')
    expect(text).toContain('x:token:')
    expect(text).toContain('level: info')
  })
})

describe('a database on PostgreSQL', () => {
  const url = 'postgres://ada:hunter2@db.example:5433/tocsin?password=hunter2'

  it('is a URL, not a file name, and printed without its password', () => {
    const config = load(`database: ${url}`)
    expect(config.database).toBe(url)
    expect(printConfig(config)).toContain('postgres://ada:***@db.example:5433/tocsin?password=***')
    expect(printConfig(config)).not.toContain('hunter2')
    expect(resolveConfig(config)).toEqual(config)
  })

  it('must be whole, and what is wrong with it is told without it', () => {
    for (const wrong of ['postgres://ada:hunter2@db:port/x', 'postgres://ada:hunter2@db', 'postgresql://']) {
      const { field, message, data } = refusalOf(() => load(`database: ${wrong}`))
      expect(field).toBe('database')
      expect(JSON.stringify([message, data])).not.toContain('hunter2')
    }
    expect(refusalOf(() => load('database: [hunter2]')).message).not.toContain('hunter2')
  })

  it('has options of its own, and each database only those', () => {
    const { store } = load(
      `database: ${url}\nstore: { schema: events, pool: 5, statementTimeout: 900, tls: { ca: ca.pem } }`,
    )
    expect(store).toMatchObject({ schema: 'events', pool: 5, statementTimeout: 900 })
    expect(store.tls?.ca).toMatch(/^\/.*ca\.pem$/)
    for (const options of ['{ schema: x }', '{ pool: 3 }', '{ statementTimeout: 900 }', '{ tls: { ca: x } }'])
      expect(refusalOf(() => load(`store: ${options}`)).message).toContain('not PostgreSQL')
    expect(refusalOf(() => load(`database: ${url}\nstore: { thread: main }`)).field).toBe('store.thread')
    expect(refusalOf(() => load(`database: ${url}\nstore: { tls: { cert: a } }`)).field).toBe('store.tls.key')
    const both = `database: postgres://h/d?sslmode=require\nstore: { tls: { ca: a } }`
    expect(refusalOf(() => load(both)).field).toBe('store.tls')
  })
})
