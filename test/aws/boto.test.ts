/**
 * boto3 as it is on the machine: Debian's (SQS by forms and XML) and a newer one (SQS by JSON).
 */
import { execFile, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isLacking, type Need, named } from '../faults/tools.js'
import { type Aws, startAws } from './world.js'

const SCRIPT = fileURLToPath(new URL('script.py', import.meta.url))

const hasBoto = (python: string): boolean => spawnSync(python, ['-c', 'import boto3']).status === 0

const DEBIAN: Need = { there: hasBoto('/usr/bin/python3'), without: 'python3-boto3' }
const OTHER = spawnSync('sh', ['-c', 'command -v python3']).stdout?.toString().trim() ?? ''
/** Nobody has to have a second one. */
const hasOther = OTHER !== '' && OTHER !== '/usr/bin/python3' && hasBoto(OTHER)

let aws: Aws
beforeAll(async () => {
  aws = await startAws('memory')
})
afterAll(() => aws.close())

async function run(python: string): Promise<string> {
  const { accessKeyId, secretAccessKey } = aws.admin
  const env = { ...process.env, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey }
  const { stdout } = await promisify(execFile)(python, [SCRIPT, aws.url], { env })
  return stdout
}

describe.skipIf(isLacking(DEBIAN))(named("Debian's boto3", DEBIAN), () => {
  it('does what a consumer does', async () => expect(await run('/usr/bin/python3')).toContain('done 1.'), 60_000)
})

if (hasOther)
  describe('a newer boto3', () => {
    it('does what a consumer does', async () => expect(await run(OTHER)).toContain('done 1.'), 60_000)
  })
