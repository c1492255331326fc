/**
 * What came back, for people: at most 64 KiB of text in which our own secrets are masked.
 */
export const EXCERPT_BYTES = 65_536
const MASK = '***'
/** Ours: shorter values (`1`, `on`) are no secrets worth blotting a whole answer for. */
const SHORTEST_SECRET = 4

export interface Excerpts {
  /** Any text of the outside world, without our secrets. */
  mask(text: string): string
  /** `truncated`: the end was cut off, perhaps in the middle of a secret. */
  of(body: string, truncated: boolean): string
}

/** Masks these values in every form in which a receiver may echo them: whole, in parts, decoded, within JSON. */
export function excerptsWithout(secrets: readonly string[]): Excerpts {
  const forms = [...new Set(secrets.flatMap(formsOf))]
    .filter((form) => form.length >= SHORTEST_SECRET)
    .sort((a, b) => b.length - a.length)
  const mask = (text: string) => forms.reduce((masked, form) => masked.replaceAll(form, MASK), text)
  return {
    mask,
    of(body, truncated) {
      if (body === '') return ''
      const text = mask(storable(body))
      return withinBytes(truncated ? withoutBeginning(text, forms) : text, EXCERPT_BYTES)
    },
  }
}

function formsOf(secret: string): readonly string[] {
  const parts = [secret, ...secret.split(/[\s,;=]+/)]
  const decoded = secret.startsWith('Basic ') ? Buffer.from(secret.slice(6), 'base64').toString().split(':') : []
  return [...parts, ...decoded].flatMap((part) => [part, JSON.stringify(part).slice(1, -1)])
}

/** NUL becomes U+FFFD: PostgreSQL refuses it in text. */
const storable = (text: string): string => text.replaceAll('\0', '\uFFFD')

/** Without an end that may be the beginning of a secret. */
function withoutBeginning(text: string, forms: readonly string[]): string {
  const cut = Math.max(0, ...forms.map((form) => overlap(text, form)))
  return cut === 0 ? text : text.slice(0, -cut) + MASK
}

/** How many characters at the end of `text` are the beginning of `form`. */
function overlap(text: string, form: string): number {
  for (let length = Math.min(form.length - 1, text.length); length > 0; length -= 1) {
    if (text.endsWith(form.slice(0, length))) return length
  }
  return 0
}

function withinBytes(text: string, limit: number): string {
  // A UTF-16 unit is at most three bytes of UTF-8.
  if (text.length * 3 <= limit) return text
  const bytes = Buffer.from(text)
  if (bytes.length <= limit) return text
  let end = limit
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return bytes.toString('utf8', 0, end)
}
