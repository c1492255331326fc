import { describe, expect, it } from 'vitest'
import { InvalidInput } from '../../src/index.js'
import { KINDS } from './kinds.js'
import { readWebConfig } from './web-config.js'

const bytes = (text: string) => new TextEncoder().encode(text)
const config = (entries: string) => `<?xml version="1.0"?>
<configuration>
  <appSettings><add key="Clm.Password" value="canary"/></appSettings>
  <ClmNotifications>
${entries}
  </ClmNotifications>
</configuration>
`
const read = (entries: string) => readWebConfig(bytes(config(entries)))
const one = (entry: string) => {
  const [key] = read(entry).keys
  return key
}
function refusalOf(text: string | Uint8Array): InvalidInput {
  try {
    readWebConfig(typeof text === 'string' ? bytes(text) : text)
  } catch (error) {
    if (error instanceof InvalidInput) return error
  }
  throw new Error('It was read.')
}

describe('the notifications of a web.config', () => {
  it('keep their order, in both spellings of a class, each told', () => {
    const { registrations, keys, others } = read(`
    <add event="ApproveRequest" class="Contoso.Approvals, Contoso.Handlers" initializationData="C:\\logs\\a.xml"/>
    <add event="MarkRequestAsFailed" class="Contoso.Audit,Contoso.Handlers" initializationData="two"/>
    <add event="ApproveRequest" class=" Contoso.Audit ,  Contoso.Handlers " initializationData="Server=db;Password=&quot;x&amp;y&quot;"/>`)
    expect(registrations).toEqual({
      system: 'fim-cm',
      registrations: [
        { event: 'ApproveRequest', class: 'Contoso.Approvals, Contoso.Handlers', data: 'C:\\logs\\a.xml' },
        { event: 'MarkRequestAsFailed', class: 'Contoso.Audit, Contoso.Handlers', data: 'two' },
        { event: 'ApproveRequest', class: 'Contoso.Audit, Contoso.Handlers', data: 'Server=db;Password="x&y"' },
      ],
    })
    expect(keys.map(({ line, outcome, becomes }) => [line, outcome, becomes])).toEqual([
      [6, 'taken', 'ApproveRequest -> Contoso.Approvals, Contoso.Handlers'],
      [7, 'taken', 'MarkRequestAsFailed -> Contoso.Audit, Contoso.Handlers'],
      [8, 'taken', 'ApproveRequest -> Contoso.Audit, Contoso.Handlers'],
    ])
    expect(others).toBe(1)
    expect(JSON.stringify(keys)).not.toMatch(/Password|canary/)
  })

  it('may be of every proven event', () => {
    const { registrations } = read(KINDS.map(({ name }) => `<add event="${name}" class="A,B"/>`).join('\n'))
    expect(registrations?.registrations.map(({ event }) => event)).toEqual(KINDS.map(({ name }) => name))
  })

  it.each([
    ['<add event="EnrollSmartcard" class="A,B"/>', 'No documentation read proves a NotificationType "EnrollSmartcard"'],
    ['<add event="approverequest" class="A,B"/>', 'Did you mean ApproveRequest?'],
    ['<add event="RecoverProfile" class="A,B"/>', 'is not proven'],
    ['<add class="A,B"/>', 'it names no event'],
    ['<add event="ApproveRequest"/>', 'it names no class'],
    ['<add event="ApproveRequest" class=" ,B"/>', 'it names no class'],
    ['<add event="ApproveRequest" class="A,B" data="x"/>', 'it has an attribute data'],
    ['<add event="ApproveRequest" class="A,B"><x/></add>', 'elements inside'],
    ['<clear/>', 'only <add> is known'],
    ['<remove event="ApproveRequest"/>', 'only <add> is known'],
  ])('%s is refused with the reason', (entry, reason) => {
    expect(one(entry)).toMatchObject({ outcome: 'refused', becomes: null, remark: expect.stringContaining(reason) })
    expect(read(entry).registrations).toEqual({ system: 'fim-cm', registrations: [] })
  })

  it('are told where they repeat themselves, and where something is left out', () => {
    const entry = '<add event="ApproveRequest" class="A,B"/>'
    const { keys, registrations } = read(`${entry}\n${entry}\n<add event="ApproveRequest" class="Alone"/>`)
    expect(registrations?.registrations).toHaveLength(3)
    expect(keys[1]?.remark).toContain('the same as line 5: two instances')
    expect(keys[2]?.remark).toContain('names no assembly')
    expect(keys[0]?.remark).toContain('without initializationData')
  })

  it('may be in the spelling of the prose, and elsewhere', () => {
    const prose =
      '<c><CLMNotifications configSource="sinks.config"><add event="ApproveRequest" class="A,B"/></CLMNotifications></c>'
    const { keys, registrations } = readWebConfig(bytes(prose))
    expect(keys.map(({ outcome }) => outcome)).toEqual(['refused', 'mapped', 'taken'])
    expect(keys[0]?.remark).toContain('sinks.config')
    expect(registrations?.registrations).toHaveLength(1)
  })

  it('that are all in another file leave what is registered as it is', () => {
    const { registrations, keys } = readWebConfig(bytes('<c><ClmNotifications configSource="sinks.config"/></c>'))
    expect(registrations).toBeUndefined()
    expect(keys).toMatchObject([{ outcome: 'refused', remark: 'its entries are in sinks.config: import that file' }])
  })

  it('must be there, if only as an empty section', () => {
    expect(refusalOf('<configuration><appSettings/></configuration>').message).toBe(
      'web.config has no element ClmNotifications.',
    )
    expect(read('').registrations?.registrations).toEqual([])
  })
})

describe('XML', () => {
  it.each([
    ['a DOCTYPE', '<!DOCTYPE c><c/>', 'has a DOCTYPE'],
    [
      'a DOCTYPE with entities that grow',
      '<!DOCTYPE c [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><c>&b;</c>',
      'no well-formed XML',
    ],
    ['an external entity', '<!DOCTYPE c [<!ENTITY x SYSTEM "file:///etc/passwd">]><c/>', 'has a DOCTYPE'],
    ['an unknown entity', '<c a="&secret;"/>', 'line 1'],
    ['an open element', '<c>\n<ClmNotifications>\n</c>', 'line 3'],
    ['an attribute twice', '<c a="canary" a="canary"/>', 'line 1'],
    ['nothing', '', 'no well-formed XML'],
    ['text alone', 'canary', 'no well-formed XML'],
    ['JSON', '{"canary":1}', 'no well-formed XML'],
    ['too many levels', `${'<c>'.repeat(70)}${'</c>'.repeat(70)}`, 'nests deeper than 64'],
    ['so many levels that the parser gives up', `${'<c>'.repeat(1e5)}${'</c>'.repeat(1e5)}`, 'nests deeper than 64'],
  ])('with %s is refused, and its text is not told', (_, text, reason) => {
    const error = refusalOf(text)
    expect(error).toMatchObject({ code: 'invalid_request', field: 'web.config' })
    expect(error.message).toContain(reason)
    expect(JSON.stringify([error.message, error.expected, error.data])).not.toContain('canary')
  })
  it('is read in the encoding it has', () => {
    const text = config('<add event="ApproveRequest" class="A,B" initializationData="Zürich"/>')
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')])
    const latin = Buffer.from(text.replace('"1.0"', '"1.0" encoding="ISO-8859-1"'), 'latin1')
    const marked = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text)])
    for (const file of [utf16, latin, marked])
      expect(readWebConfig(file).registrations?.registrations[0]?.data).toBe('Zürich')
    expect(refusalOf(Buffer.from(text, 'latin1')).message).toContain('not in utf-8')
    expect(refusalOf('<?xml version="1.0" encoding="x-nobody"?><c/>').message).toContain('x-nobody')
  })
  it('tells lines whatever ends them', () => {
    const file = '<c>\r\n<ClmNotifications>\r\n\r\n<add event="x" class="A,B"/></ClmNotifications></c>'
    expect(readWebConfig(bytes(file)).keys[0]?.line).toBe(4)
  })
})
