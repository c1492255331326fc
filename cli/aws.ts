/** `tocsin aws`: queues, topics and access keys for clients of Amazon SQS and SNS. */
import type { Command } from 'commander'
import { given, names, span } from './lib/arguments.js'
import { path } from './lib/client.js'
import { withServer } from './lib/context.js'
import { endpointOf, type GlobalOptions } from './lib/endpoint.js'
import { UsageError } from './lib/failure.js'
import type { Io } from './lib/io.js'
import { at, type Column } from './lib/table.js'
import { safe } from './lib/text.js'

const QUEUE: readonly Column[] = [
  ['name', 'name'],
  ['messages', 'messages'],
  ['in flight', 'inFlight'],
  ['url', 'url'],
]

const TOPIC: readonly Column[] = [
  ['name', 'name'],
  ['subscriptions', 'subscriptions'],
  ['tells', 'types'],
  ['format', 'format'],
  ['arn', 'arn'],
]

interface NewKey {
  readonly name: string
  readonly roles: readonly string[]
  readonly scopes?: readonly string[]
  readonly expires?: number
}

interface Binding {
  readonly types?: readonly string[]
  readonly format?: string
  readonly subject?: string
}

export function addAws(program: Command, io: Io): void {
  const aws = program.command('aws').description('queues, topics and access keys for clients of Amazon SQS and SNS')
  addQueues(aws, io)
  addTopics(aws, io)
  addKeys(aws, io)
}

function addQueues(aws: Command, io: Io): void {
  const queues = aws.command('queues').description('queues of SQS')
  queues
    .command('list')
    .description('every queue, and how much waits in it')
    .action((_: unknown, command: Command) =>
      withServer(io, command, async (context) =>
        context.showAll(listIn(await context.client.call('GET', '/aws/queues'), 'queues'), QUEUE),
      ),
    )
}

function addTopics(aws: Command, io: Io): void {
  const topics = aws.command('topics').description('topics of SNS, and the events they tell')
  topics
    .command('list')
    .description('every topic, and the event types it is bound to')
    .action((_: unknown, command: Command) =>
      withServer(io, command, async (context) =>
        context.showAll(listIn(await context.client.call('GET', '/aws/topics'), 'topics'), TOPIC),
      ),
    )
  topics
    .command('bind')
    .description(
      'let a topic tell events; it is made if there is none. The topics of the Identity Registry know theirs',
    )
    .argument('<name>', 'of the topic')
    .option('--types <patterns>', 'event types, such as credential.*', names)
    .option('--format <name>', 'how an event is written as the message')
    .option('--subject <text>', 'the Subject of its notifications')
    .action((name: string, options: Binding, command: Command) =>
      withServer(io, command, async (context) => {
        const { types, format, subject } = options
        const body = given({ types, format, subject })
        const topic = await context.client.call('PUT', path`/aws/topics/${name}`, { body })
        context.done(topic, `${safe(name)} tells ${String(at(topic, 'types'))}: ${String(at(topic, 'arn'))}`)
      }),
    )
  topics
    .command('unbind')
    .description('let a topic tell no events any more')
    .argument('<name>', 'of the topic')
    .action((name: string, _: unknown, command: Command) =>
      withServer(io, command, async (context) =>
        context.done(await context.client.call('DELETE', path`/aws/topics/${name}`), `${safe(name)} tells no events.`),
      ),
    )
}

function addKeys(aws: Command, io: Io): void {
  const keys = aws.command('keys').description('access keys; `tocsin keys list` and `revoke` know them too')
  keys
    .command('create')
    .description('a new access key, shown this once, as an environment for clients')
    .requiredOption('--name <name>', 'for people: who uses it')
    .requiredOption('--roles <names>', 'publisher sends; reader,subscriber receives; admin does everything', names)
    .option('--scopes <names>', 'narrows what the roles allow', names)
    .option('--expires <span>', 'after so long, such as 90d', span)
    .action((options: NewKey, command: Command) =>
      withServer(io, command, async ({ client, json }) => {
        const { name, roles, scopes, expires } = options
        const expiresAt = expires === undefined ? undefined : new Date(io.now() + expires).toISOString()
        const body = given({ name, roles, scopes, expiresAt, kind: 'sigv4' as const })
        const made = await client.call('POST', '/v1/keys', { body })
        if (json) return io.out(JSON.stringify(made))
        const { server } = endpointOf(command.optsWithGlobals<GlobalOptions>(), io)
        io.out(
          [
            `AWS_ENDPOINT_URL=${server}`,
            'AWS_REGION=us-east-1',
            'AWS_DEFAULT_REGION=us-east-1',
            `AWS_ACCESS_KEY_ID=${safe(String(at(made, 'id')))}`,
            `AWS_SECRET_ACCESS_KEY=${safe(String(at(made, 'secretAccessKey')))}`,
          ].join('\n'),
        )
        io.err('It is not shown again.\n')
      }),
    )
}

function listIn(answer: unknown, name: string): readonly unknown[] {
  const list = at(answer, name)
  if (Array.isArray(list)) return list
  throw new UsageError('The server has no such list.', 'a server with the profile aws')
}
