import { describe, expect, it } from 'vitest'
import { mailsOf } from './mail.js'
import { smtpTransport } from './smtp.js'
import { readSmtpTarget } from './target.js'

const TARGET = {
  ...{ host: 'h', from: 'tocsin@example.org', to: 'anna@example.org' },
  ...{ subject: 'Card', text: 'revoked', html: '<p>revoked</p>', language: 'data.language' },
  languages: {
    pt: { subject: 'Cartão', text: 'revogado', html: '<p>revogado</p>' },
    'pt-BR': { subject: 'Crachá' },
    cs: { text: 'zneplatněna' },
    'zh-Hant': { subject: '卡' },
  },
}

const wordsIn = (language: unknown) => {
  const event = { id: 'e1', source: '/cms', type: 'credential.revoked', data: { language } }
  const sent = { id: 'm1', event, time: 0, attempt: 1, headers: {}, body: '{}' }
  const { subject, text, html } = mailsOf(readSmtpTarget(TARGET)).write(sent)
  return [subject, text, html ?? null]
}

const STANDARD = ['Card', 'revoked', '<p>revoked</p>']

describe('the language of a mail', () => {
  it.each<[unknown, readonly (string | null)[]]>([
    ['pt', ['Cartão', 'revogado', '<p>revogado</p>']],
    ['pt-BR', ['Crachá', 'revogado', '<p>revogado</p>']],
    ['PT-br', ['Crachá', 'revogado', '<p>revogado</p>']],
    ['pt-BR-abl1943', ['Crachá', 'revogado', '<p>revogado</p>']],
    ['pt-PT', ['Cartão', 'revogado', '<p>revogado</p>']],
    ['cs-CZ', ['Card', 'zneplatněna', null]],
    ['zh-Hant-TW', ['卡', 'revoked', '<p>revoked</p>']],
    ...['zh', 'fr', '', '-', 'p', '__proto__', null, 7, ['pt']].map((tag) => [tag, STANDARD] as [unknown, string[]]),
  ])('for %j is the nearest that there is', (tag, words) => {
    expect(wordsIn(tag)).toEqual(words)
  })

  it('is given once, whatever its case', () => {
    const languages = { pt: { subject: 'a' }, 'pt-BR': { subject: 'b' }, 'pt-br': { subject: 'c' } }
    expect(() => readSmtpTarget({ ...TARGET, languages })).toThrow(
      expect.objectContaining({ code: 'invalid_request', field: 'target.languages.pt-br' }),
    )
  })

  it.each(['subject', 'text', 'html'])(
    'has an error in its %s found when it is saved, as what no event has',
    async (part) => {
      const egress = { checkHost: async () => undefined } as never
      const transport = smtpTransport({ egress, ledger: {} as never })
      const check = (text: string) =>
        transport.check(
          { ...TARGET, languages: { pt: { subject: 'ok' }, cs: { [part]: text } } },
          ({ paths }, field) => {
            if (paths.some(([first]) => first === 'serial')) throw Object.assign(new Error('unknown'), { field })
          },
        )
      const field = `target.languages.cs.${part}`
      await expect(check('{{ data.serial }}')).rejects.toMatchObject({ field })
      await expect(check('{{ data. }}')).rejects.toMatchObject({ code: 'invalid_request', field })
      await expect(check('{{ dta.x }}')).rejects.toMatchObject({ code: 'invalid_request', field })
      await expect(check('{{ data.x')).rejects.toMatchObject({ code: 'invalid_request', field })
      await expect(check('{{ data.x }}')).resolves.toBeUndefined()
    },
  )
})
