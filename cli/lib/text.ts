/**
 * Text for a terminal. Data may hold anything: what a terminal would obey is shown instead.
 */

/** C0, DEL, C1; marks that turn the direction of writing; line and paragraph separators. */
const OBEYED = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu

/** The text with every character a terminal might obey written as `\u001b`. */
export const safe = (text: string): string =>
  text.replaceAll(OBEYED, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)

const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\uff01-\uff60]/u
const WITHOUT_WIDTH = /\p{Mn}|\p{Me}|\u200b|\u200c|\u200d/u

const widthOf = (character: string): number => (WITHOUT_WIDTH.test(character) ? 0 : WIDE.test(character) ? 2 : 1)

/** Columns a text takes on a terminal, near enough. */
export const width = (text: string): number => [...text].reduce((sum, character) => sum + widthOf(character), 0)

/** At most `most` columns, the last one an ellipsis if something was cut. */
export function cut(text: string, most: number): string {
  if (width(text) <= most) return text
  const kept: string[] = []
  let left = most - 1
  for (const character of text) {
    left -= widthOf(character)
    if (left < 0) break
    kept.push(character)
  }
  return most < 1 ? '' : `${kept.join('')}…`
}

/** A value as indented JSON, safe for a terminal. */
export const block = (value: unknown): string => (JSON.stringify(value, null, 2) ?? '').split('\n').map(safe).join('\n')

/** A count with thousands apart: `1,234`. */
export const count = (value: number): string => Math.round(value).toLocaleString('en-GB')

/** `1 task is`, `1,234 tasks are`: a count with what it counts. */
export const counted = (value: number, one: string, more: string): string =>
  `${count(value)} ${value === 1 ? one : more}`
