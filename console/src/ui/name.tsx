/**
 * Names of the system's own making, so that they break where a person would break them; and what there is none of.
 */
import { Fragment } from 'preact'

/** Up to so many letters a name stays whole. */
const WHOLE = 24

/** Breaks after the dots, colons, slashes and dashes of a long name before it breaks a word. */
export const Name = ({ of }: { readonly of: string }) => (
  <>
    {(of.length <= WHOLE ? [of] : of.split(/(?<=[.:/_-])(?=\w)/)).map((part, index) => (
      <Fragment key={`${index}${part}`}>
        {index > 0 && <wbr />}
        {part}
      </Fragment>
    ))}
  </>
)

/** On a narrow screen its whole line is left out. */
export const None = () => <span class="faint none">–</span>

/** Places in the log are padded on the wire, so that they sort as text; people read the number. */
export const unpadded = (text: string): string => text.replaceAll(/\b0{3,}(?=\d)/g, '')
