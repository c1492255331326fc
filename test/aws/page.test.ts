/**
 * The page "Coming from SNS and SQS", as it stands: its commands and its consumer.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { runCli } from '../../cli/testing.js'
import { type Aws, startAws } from './world.js'

const PAGE = readFileSync(new URL('../../docs/coming-from-sns-and-sqs.md', import.meta.url), 'utf8')
const blocks = (language: string) =>
  [...PAGE.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map((match) => match[1] ?? '')
const folder = mkdtempSync(join(tmpdir(), 'tocsin-aws-page-'))
/** Where packages are found. */
const file = new URL(`page-${process.pid}.generated.mjs`, import.meta.url)

let aws: Aws
beforeAll(async () => {
  aws = await startAws('sqlite')
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await aws.close()
  rmSync(folder, { recursive: true })
  rmSync(file, { force: true })
})

it('leads from an event of the registry to a signed message that a stock client reads and deletes', async () => {
  const { key } = await aws.hub.keys.create(aws.hub.local, { name: 'admin', roles: ['operator'] })
  const environment = { TOCSIN_SERVER: aws.url, TOCSIN_KEY: key }
  const run = async (line: string) => {
    const ran = await runCli(line.split(/\s+/).slice(1), { folder, environment })
    expect([line, ran.code, ran.err]).toEqual([line, 0, expect.any(String)])
    return ran.out
  }
  const [keys = '', topics = '', queues = ''] = blocks('sh')
  const told = await run(keys.trim())
  const namesIn = (text: string) => [...text.matchAll(/^(AWS_\w+)=/gm)].map(([, name]) => name)
  expect(namesIn(told)).toEqual(namesIn(PAGE))
  // JavaScript reads the first of them, boto3 and the first version of the command line the second.
  expect(namesIn(told)).toEqual(expect.arrayContaining(['AWS_REGION', 'AWS_DEFAULT_REGION']))
  for (const line of told.trim().split('\n')) vi.stubEnv(line.split('=')[0] ?? '', line.slice(line.indexOf('=') + 1))
  const [bind = '', list = ''] = topics.trim().split('\n')
  expect(await run(bind)).toContain('credentials tells credential.*')
  expect(await run(list)).toContain('credential.*')
  writeFileSync(file, blocks('js').join('\n'))
  const { next } = (await import(file.href)) as { next(): Promise<readonly Record<string, string>[]> }
  await aws.hub.publish({ type: 'credential.revoked', source: '/ca', subject: 'card-1', data: {} })
  const [notification] = await next()
  expect(notification).toMatchObject({
    Type: 'Notification',
    Subject: 'tocsin',
    MessageAttributes: { type: { Value: 'credential.revoked' } },
  })
  expect(JSON.parse(notification?.Message ?? '')).toMatchObject({ type: 'credential.revoked', subject: 'card-1' })
  expect(await run(queues.trim())).toContain('mine')
  expect((await aws.hub.tasks.counts(aws.hub.local, { subscription: 'sqs.mine' })).unprocessed).toBe(0)
})
