/**
 * The settings of an instance: one schema from which the type, the defaults, the environment names,
 * `tocsin init` and docs/reference/configuration.md are made.
 * `writeOnly` marks a secret; `path` marks a file name, read relative to the file or folder it was written in.
 */
import Type, { type Static } from 'typebox'
import { ROLES } from '../../access/principal.js'
import { MOST_ORDER } from '../../pipeline/setting.js'

const MIB = 1_048_576
const DAY_MS = 86_400_000
/** The longest a timer of Node can wait (2^31 - 1 milliseconds). */
const LONGEST_TIMER = 2_147_483_647

const Tls = Type.Object(
  {
    ca: Type.Optional(
      Type.String({
        minLength: 1,
        path: true,
        description: "A file with the certificates, in PEM, that the server's must lead to. Default: those Node knows.",
      }),
    ),
    cert: Type.Optional(
      Type.String({ minLength: 1, path: true, description: 'A file with the certificate we show, in PEM.' }),
    ),
    key: Type.Optional(
      Type.String({ minLength: 1, path: true, description: 'A file with the key of that certificate, in PEM.' }),
    ),
    rejectUnauthorized: Type.Optional(
      Type.Boolean({
        description: 'False takes any certificate, so that whoever stands between can read all. Default: true.',
      }),
    ),
  },
  { description: 'PostgreSQL over TLS, when one of these is given.' },
)

const Store = Type.Object(
  {
    thread: Type.Optional(
      Type.Enum(['worker', 'main'], {
        description:
          'Where SQLite runs: on a thread of its own, or on the main one (lower latency, blocks the event loop). Default: worker.',
      }),
    ),
    schema: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 63,
        description: 'PostgreSQL: the schema that holds our tables; made when it is not there. Default: tocsin.',
      }),
    ),
    pool: Type.Optional(
      Type.Integer({
        minimum: 2,
        maximum: 1_000,
        description: 'PostgreSQL: connections at most, of this process. Default: 10.',
      }),
    ),
    statementTimeout: Type.Optional(
      Type.Integer({
        minimum: 100,
        maximum: LONGEST_TIMER - 10_000,
        description:
          'PostgreSQL: milliseconds that a statement, a wait for a lock, and a transaction that says nothing may take. Default: 30000.',
      }),
    ),
    partition: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 3_650,
        description:
          'PostgreSQL: days that events lie in one partition, which retention drops as a whole. About a twelfth to a third of retention.events. Default: 30.',
      }),
    ),
    tls: Type.Optional(Tls),
  },
  { description: 'How the database is used.' },
)

const file = (description: string) => Type.Optional(Type.String({ minLength: 1, path: true, description }))

const ServerTls = Type.Object(
  {
    cert: file('A file with the certificate of the server and its chain, in PEM.'),
    key: file('A file with the key of that certificate, in PEM.'),
    clients: Type.Optional(
      Type.Enum(['none', 'ask'], {
        description:
          'Whether clients are asked for a certificate; the protocols that know callers by one (APS) take those that are keys of the kind certificate. Default: none.',
      }),
    ),
  },
  { description: 'The server speaks TLS (1.2 or later) when cert and key are given.' },
)

const Server = Type.Object(
  {
    host: Type.String({ minLength: 1, default: '127.0.0.1', description: 'The address to listen on.' }),
    port: Type.Integer({ minimum: 0, maximum: 65_535, default: 7300, description: 'The port; 0 takes a free one.' }),
    allowRemote: Type.Boolean({
      default: false,
      description:
        'Must be true to listen on an address other machines can reach: without server.tls Tocsin speaks plain HTTP.',
    }),
    bodyLimit: Type.Integer({
      minimum: 1024,
      maximum: 256 * MIB,
      default: 4 * MIB,
      description: 'Bytes a request body may have; at least limits.eventBytes.',
    }),
    tls: Type.Optional(ServerTls),
  },
  { description: 'The HTTP server.' },
)

const claim = (description: string) => Type.Optional(Type.String({ minLength: 1, maxLength: 200, description }))

const Oidc = Type.Object(
  {
    issuer: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 2048,
        description:
          'The provider, as it names itself: its description is at /.well-known/openid-configuration below that. Without it people sign in by key alone.',
      }),
    ),
    clientId: Type.Optional(
      Type.String({ minLength: 1, maxLength: 500, description: 'What the provider calls this console; needed.' }),
    ),
    clientSecret: Type.Optional(
      Type.String({
        minLength: 1,
        writeOnly: true,
        description: 'The secret that belongs to it. Without one it is a public client, which PKCE alone protects.',
      }),
    ),
    clientAuthentication: Type.Optional(
      Type.Enum(['basic', 'post'], {
        description:
          'How the secret is shown: `client_secret_basic` or `client_secret_post`, as the provider registered it. Default: basic.',
      }),
    ),
    title: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: 'What the provider is called on the button. Default: the host of the issuer.',
      }),
    ),
    scopes: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        description: 'What is asked for; `openid` must be among it. Default: openid, profile, email.',
      }),
    ),
    roleClaim: claim(
      'The claim whose value or values give roles; `realm_access.roles` also means `roles` inside `realm_access`. Default: groups.',
    ),
    roles: Type.Optional(
      Type.Record(Type.String(), Type.Enum([...ROLES]), {
        sample: '"tocsin-operators": operator',
        description:
          'Which value of that claim gives which role: operator, admin, publisher, subscriber or reader; needed. Who has none of the values is refused. Only in the file, not in the environment.',
      }),
    ),
    tenant: Type.Optional(
      Type.String({ minLength: 1, maxLength: 63, description: 'The tenant of who signs in. Default: default.' }),
    ),
    tenantClaim: claim('The claim that names the tenant instead, for each person.'),
    resourceClaim: claim('The claim that names the one resource who signs in speaks for; a subscriber needs one.'),
    session: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 720,
        description:
          'Minutes until one has to sign in again; what the provider says of roles is read then. Default: 720.',
      }),
    ),
  },
  {
    description:
      'Signing in by OpenID Connect. The provider must know `/console/signed-in` of this server as a place to return to.',
  },
)

const Console = Type.Object({ oidc: Oidc }, { description: 'The web console.' })

const Log = Type.Object(
  {
    level: Type.Enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
      default: 'info',
      description: 'The least important level that is written.',
    }),
    pretty: Type.Boolean({ default: false, description: 'Lines for people instead of JSON.' }),
  },
  { description: 'The log, on standard output.' },
)

const Sealing = Type.Object(
  {
    key: Type.Optional(
      Type.String({
        minLength: 1,
        writeOnly: true,
        description:
          'The keys that seal secrets in the database: 32 bytes in base64 each, the current one first. Better given as a file.',
      }),
    ),
    keyFile: Type.Optional(
      Type.String({
        minLength: 1,
        path: true,
        description: 'A file that holds those keys, readable by the owner alone.',
      }),
    ),
  },
  { description: 'How secrets are kept. Give key or keyFile, not both.' },
)

const Certificates = Type.Record(
  Type.String(),
  Type.Object({
    cert: file('A file with the certificate we show there, in PEM.'),
    key: file('A file with the key of that certificate, in PEM.'),
    ca: file("A file with the certificates, in PEM, that the receiver's must lead to. Default: those Node knows."),
  }),
  {
    default: {},
    description:
      'Receivers that ask for a certificate, or have one that is not publicly known, by origin: `https://app.example:8443`. It is shown to whatever is sent there. Only in the file, not in the environment.',
  },
)

const Egress = Type.Object(
  {
    allow: Type.Array(Type.String({ cidr: true }), {
      default: [],
      description:
        'Networks that are not public and may be targets all the same, as CIDRs; plain http is allowed to them too. Everything private is refused by default.',
    }),
    requireProof: Type.Boolean({
      default: false,
      description: 'Webhooks are only subscribed with `proof`: their receiver says that it wants them.',
    }),
    allowHttp: Type.Boolean({ default: false, description: 'Targets may be plain http everywhere, not only https.' }),
    certificates: Certificates,
  },
  { description: 'Whom Tocsin may reach.' },
)

const Files = Type.Object(
  {
    root: Type.Optional(
      Type.String({
        minLength: 1,
        path: true,
        description:
          'The folder, which must be there, below which the file transport writes and the sql transport finds SQLite files. Without it there are none.',
      }),
    ),
  },
  { description: 'The file transport.' },
)

const Delivery = Type.Object(
  {
    workers: Type.Integer({
      minimum: 1,
      maximum: 10_000,
      default: 200,
      description:
        'Attempts at once, of all subscriptions; those that wait long for a receiver do not count. Half of them are for receivers that answer.',
    }),
    lease: Type.Integer({
      minimum: 1000,
      maximum: LONGEST_TIMER,
      default: 30_000,
      description:
        'Milliseconds a task belongs to a node before another may take it; prolonged while the attempt runs.',
    }),
    shutdown: Type.Integer({
      minimum: 0,
      maximum: LONGEST_TIMER,
      default: 10_000,
      description:
        'Milliseconds running attempts are waited for at the end; what is left is tried again after the start.',
    }),
  },
  { description: 'How tasks are worked off.' },
)

const Processing = Type.Object(
  {
    asynchronous: Type.Boolean({
      default: true,
      description:
        'Whether asynchronous processors run from the queue; false runs them in the call that publishes. Also set at run time.',
    }),
    stopped: Type.Boolean({
      default: false,
      description: 'True keeps accepting events and works nothing off for processors. Also set at run time.',
    }),
    concurrency: Type.Integer({
      minimum: 1,
      maximum: 10_000,
      default: 50,
      description: 'Events of one tenant that asynchronous processors work on at once, in this process.',
    }),
    attempts: Type.Integer({
      minimum: 1,
      maximum: 1_000,
      default: 10,
      description: 'How often a chain of asynchronous processors is tried before its failure is final.',
    }),
    notify: Type.Boolean({
      default: true,
      description: 'Whether the log says that an event was queued for asynchronous processors.',
    }),
  },
  { description: 'How asynchronous processors work.' },
)

const Retention = Type.Object(
  {
    events: Type.Integer({
      minimum: 0,
      maximum: Math.floor(Number.MAX_SAFE_INTEGER / DAY_MS),
      default: 90,
      description: 'Days an event and its history are kept after it was received; 0 keeps them for ever.',
    }),
    tasks: Type.Integer({
      minimum: 0,
      maximum: Math.floor(Number.MAX_SAFE_INTEGER / DAY_MS),
      default: 0,
      description:
        'Days a finished task is kept after its end, if its event stays longer; 0 keeps it as long as the event. Failed ones stay with the event.',
    }),
  },
  { description: 'How long things are kept. What an unfinished task needs is always kept.' },
)

const Limits = Type.Object(
  {
    eventBytes: Type.Integer({
      minimum: 1024,
      maximum: 64 * MIB,
      default: MIB,
      description: 'Bytes one event may have as JSON.',
    }),
    depth: Type.Integer({
      minimum: 4,
      maximum: 1000,
      default: 64,
      description: 'Levels of nesting an event may have.',
    }),
  },
  { description: 'What an event may be.' },
)

const ProcessorSettings = Type.Record(
  Type.String(),
  Type.Object({
    enabled: Type.Optional(Type.Boolean({ description: 'Whether it runs.' })),
    order: Type.Optional(
      Type.Integer({ minimum: -MOST_ORDER, maximum: MOST_ORDER, description: 'Its place; ascending.' }),
    ),
    types: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { description: 'The event types it runs on.' })),
    options: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), { description: 'Its own options, laid over their defaults.' }),
    ),
  }),
  {
    default: {},
    sample: '"my:processor": { enabled: false }',
    description:
      'Processors by name. What an operator sets at run time is laid over it. Only in the file, not in the environment.',
  },
)

const HttpProcessors = Type.Record(
  Type.String(),
  Type.Object({
    kind: Type.Enum(['judge', 'witness', 'asynchronous'], {
      description:
        'When it is asked: before the event is kept, where it may change or refuse it; after that, in the same call; or later, from the queue.',
    }),
    url: Type.String({
      minLength: 1,
      maxLength: 2048,
      description:
        'Where it listens: the event is posted there as structured CloudEvents JSON. An address that `egress` forbids is refused when it is set at run time; one that stands here, when it is called.',
    }),
    secret: Type.String({
      minLength: 1,
      writeOnly: true,
      description: 'Signs what is sent, as Standard Webhooks say: `whsec_` and base64 of 24 to 64 bytes, or `whsk_`.',
    }),
    description: Type.Optional(Type.String({ description: 'What it does, for people.' })),
    types: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), { description: 'The event types it runs on; none: all.' }),
    ),
    resourceTypes: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        description: 'What the events it runs on are about, types that implement them too; none: anything.',
      }),
    ),
    order: Type.Optional(
      Type.Integer({
        minimum: -MOST_ORDER,
        maximum: MOST_ORDER,
        description: 'Its place; ascending, judges below 0 run before the deed. Default: 0.',
      }),
    ),
    deadline: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 600_000,
        description: 'Milliseconds it has to answer. Default: 5000, asynchronous ones 30000.',
      }),
    ),
    onError: Type.Optional(
      Type.Enum(['reject', 'continue'], {
        description:
          'Without an answer that is understood, in time: reject fails closed, continue fails open. Default: reject; a witness stops nobody, so it may only say continue.',
      }),
    ),
  }),
  {
    default: {},
    sample: '"my:processor": { kind: judge, url: https://judge.example, secret: whsec_… }',
    description:
      'Processors that run in another process, by name; `kind`, `url` and `secret` are needed. Their place, event types, url and secret may be set at run time too. Only in the file, not in the environment.',
  },
)

const Mail = Type.Object(
  {
    host: Type.Optional(Type.String({ minLength: 1, description: 'The mail server, by name or address.' })),
    port: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 65_535, description: 'Its port. Default: 587; 465 with tls.' }),
    ),
    encryption: Type.Optional(
      Type.Enum(['starttls', 'tls', 'none'], {
        description: 'none is for networks that egress.allow opens. Default: starttls.',
      }),
    ),
    user: Type.Optional(Type.String({ minLength: 1, description: 'Whoever logs in there.' })),
    password: Type.Optional(Type.String({ minLength: 1, writeOnly: true, description: 'Of that user.' })),
    from: Type.Optional(
      Type.String({
        pattern: '^([^\\s<>"]+@[^\\s<>"]+|[^<>"]{1,200} <[^\\s<>"]+@[^\\s<>"]+>)$',
        description: 'Who sends: an address, or Name <address>. Needed with host.',
      }),
    ),
  },
  {
    description:
      'The mail server by which topics tell e-mail subscribers, when host is given; otherwise there are none.',
  },
)

const Profiles = Type.Object(
  {
    actividCms: Type.Object(
      {
        catalogue: Type.Optional(
          Type.String({
            minLength: 1,
            path: true,
            description:
              'A YAML or JSON file with the event numbers of your own installation: id, token, title, caseOf, attributes.',
          }),
        ),
      },
      { description: 'HID ActivID CMS.' },
    ),
    uwRegistry: Type.Object(
      {
        keys: Type.Optional(
          Type.String({
            minLength: 1,
            path: true,
            description:
              'A YAML or JSON file that names the certificates and keys which messages are signed, encrypted and verified with: signing, encryption, trust.',
          }),
        ),
      },
      { description: "University of Washington's Identity Registry." },
    ),
    aws: Type.Object(
      {
        region: Type.String({
          pattern: '^[a-z0-9-]{1,32}$',
          default: 'us-east-1',
          description: 'The region in the ARNs of queues and topics. A signature may be for any.',
        }),
        account: Type.Optional(
          Type.String({
            pattern: '^[0-9]{12}$',
            description:
              'The account, 12 digits, that the tenant `default` is. Default: one made from its id, as other tenants have.',
          }),
        ),
        url: Type.Optional(
          Type.String({
            pattern: '^https?://[^/?#\\s]+$',
            description:
              'How this server is reached by those who get messages (certificate, confirmation, leaving): such as https://events.example.org. Default: its own address.',
          }),
        ),
        email: Type.Optional(Mail),
      },
      { description: 'Queues and topics spoken as Amazon SQS and SNS.' },
    ),
  },
  { description: 'What systems need to know of your installation of them.' },
)

const Memory = Type.Optional(
  Type.Integer({ minimum: 16, maximum: 65_536, description: 'MiB of JavaScript heap. Default: 128.' }),
)

const Plugins = Type.Array(
  Type.Object({
    module: Type.String({
      minLength: 1,
      maxLength: 2048,
      description: 'Its file (`./plugin.mjs`, from the folder above) or the name of a package installed there; needed.',
    }),
    export: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        description:
          'The export that is the plug-in, or makes it. Default: `default`, else the only one that can be it.',
      }),
    ),
    options: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), { description: 'Handed to the function that makes the plug-in.' }),
    ),
    isolated: Type.Optional(
      Type.Object(
        {
          memory: Memory,
          time: Type.Optional(
            Type.Integer({ minimum: 1, maximum: 600_000, description: 'Milliseconds a call may take. Default: 5000.' }),
          ),
        },
        { description: 'In a process of its own, whose crash, endless loop or memory costs nothing else.' },
      ),
    ),
  }),
  {
    default: [],
    description:
      'Plug-ins from outside, in their order. One that cannot be loaded is told by `tocsin plugins list`, and the others run. `tocsin plugins reload` reads this list anew. Only in the file, not in the environment.',
  },
)

const Classes = Type.Record(
  Type.String(),
  Type.Object({
    module: Type.String({
      minLength: 1,
      description:
        'The ES module that holds it: its file (`./sinks/approvals.mjs`, from the folder above) or the name of a package installed there; needed.',
    }),
    export: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'The export that is the class. Default: the default one, or the only class.',
      }),
    ),
    asynchronous: Type.Optional(
      Type.Boolean({
        description: 'It is slow: its instances work from the queue, and the publisher does not wait. Default: false.',
      }),
    ),
    deadline: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 600_000,
        description:
          'Milliseconds its start and each call may take. Default: 5000, calls from the queue 30000. An isolated one may start for 10000.',
      }),
    ),
    isolated: Type.Optional(
      Type.Object(
        { memory: Memory },
        {
          description:
            'Each instance in a process of its own, whose crash, endless loop or memory costs nothing else: it is ended, and started anew.',
        },
      ),
    ),
    resource: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 256,
        description: 'The id of the resource whose view its look-ups have. Default: the view of the whole tenant.',
      }),
    ),
  }),
  {
    default: {},
    sample: '"Contoso.Approvals, Contoso.Handlers": { module: ./sinks/approvals.mjs }',
    description:
      "What stands behind the classes that other systems' configurations register (`tocsin import`), by their names there. `tocsin plugins reload` reads this table anew. Only in the file, not in the environment.",
  },
)

export const ConfigSchema = Type.Object({
  database: Type.String({
    minLength: 1,
    path: true,
    url: true,
    default: 'tocsin.db',
    description:
      'The SQLite file; `postgres://USER:PASSWORD@HOST:PORT/DATABASE` (without a password PGPASSWORD or the password file is asked); or `memory`, which keeps nothing after the end.',
  }),
  node: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 100,
      description:
        'The name of this process in leases and attempts. Default: the name of the machine, on PostgreSQL with the number of the process: no two nodes of a database have one name.',
    }),
  ),
  folder: Type.Optional(
    Type.String({
      minLength: 1,
      path: true,
      description:
        'Where plug-ins are looked for: files, and packages in its `node_modules`. Default: the folder of this file.',
    }),
  ),
  store: Store,
  server: Server,
  console: Console,
  log: Log,
  sealing: Sealing,
  egress: Egress,
  files: Files,
  delivery: Delivery,
  processing: Processing,
  retention: Retention,
  limits: Limits,
  processors: ProcessorSettings,
  httpProcessors: HttpProcessors,
  profiles: Profiles,
  plugins: Plugins,
  classes: Classes,
})

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T

type Settings = Static<typeof ConfigSchema>

/** The settings in force: complete, checked, frozen. `node` and `folder` are always there, and with SQLite `store.thread`. */
export type Config = DeepReadonly<Settings & { node: string; folder: string }>

/** What a program or a file may say: any part of it. */
export type ConfigInput = DeepReadonly<{
  [K in keyof Settings]?: Settings[K] extends string | undefined | readonly unknown[]
    ? Settings[K]
    : Partial<Settings[K]>
}>

/** What the readers of the schema use of it. */
export interface SchemaNode {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>
  readonly items?: SchemaNode
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly default?: unknown
  readonly description?: string
  readonly writeOnly?: boolean
  readonly path?: boolean
  /** One entry of a section whose members are named by whoever writes it, in YAML. */
  readonly sample?: string
  /** It may be a URL with a password in it. */
  readonly url?: boolean
  readonly cidr?: boolean
}

export const CONFIG_ROOT = ConfigSchema as SchemaNode

/** A setting that holds a value: not a section, not the processors. */
export interface Setting {
  /** `server.port` */
  readonly path: string
  readonly node: SchemaNode
  /** `TOCSIN_SERVER_PORT` */
  readonly variable: string
}

const upperSnake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()

const variableOf = (path: readonly string[]): string => ['TOCSIN', ...path.map(upperSnake)].join('_')

function settingsBelow(node: SchemaNode, path: readonly string[]): readonly Setting[] {
  if (node.patternProperties || node.items?.properties) return []
  if (!node.properties) return [{ path: path.join('.'), node, variable: variableOf(path) }]
  return Object.entries(node.properties).flatMap(([name, child]) => settingsBelow(child, [...path, name]))
}

/** Every setting that one value can be given to, in the order of the schema. */
export const SETTINGS: readonly Setting[] = settingsBelow(CONFIG_ROOT, [])
