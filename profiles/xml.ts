/**
 * XML of other systems' configuration files. A document type, and with it every entity but the five of XML itself, is
 * refused: nothing is fetched, and nothing grows.
 */
import { parseXml, XmlDocumentType, XmlElement, XmlError } from '@rgrove/parse-xml'
import { InvalidInput } from '../src/index.js'

export interface FoundElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly FoundElement[]
  /** From 1. */
  readonly line: number
  /** 0: the root. */
  readonly depth: number
}

/** Elements inside elements. */
const DEEPEST = 64

/** The root element. @throws InvalidInput `invalid_request` with the line, and nothing of the text: it may be secret */
export function readXml(file: Uint8Array, what: string): FoundElement {
  const text = decoded(file, what)
  const document = parsed(text, what)
  if (document.children.some((child) => child instanceof XmlDocumentType))
    throw invalid(what, 'has a DOCTYPE', 'XML without DOCTYPE and without entities of its own')
  if (!document.root) throw invalid(what, 'has no element', 'XML')
  return found(document.root, 0, linesOf(text), what)
}

/** The element and all inside it, in the order of the text. */
export const elementsOf = (root: FoundElement): readonly FoundElement[] => [root, ...root.children.flatMap(elementsOf)]

function parsed(text: string, what: string) {
  try {
    return parseXml(text, { preserveDocumentType: true, includeOffsets: true })
  } catch (error) {
    // The parser goes down by calling itself.
    if (error instanceof RangeError) throw tooDeep(what)
    if (!(error instanceof XmlError)) throw error
    throw invalid(what, `is no well-formed XML: line ${error.line}, column ${error.column}`, expectedAt(error))
  }
}

/** The parser's own message quotes the text. */
const expectedAt = ({ message }: XmlError): string =>
  /entity/i.test(message) ? 'no entities but &amp; &lt; &gt; &quot; &apos; and numbers' : 'well-formed XML'

function found(element: XmlElement, depth: number, lines: readonly number[], what: string): FoundElement {
  if (depth > DEEPEST) throw tooDeep(what)
  return {
    name: element.name,
    attributes: element.attributes,
    children: element.children
      .filter((child) => child instanceof XmlElement)
      .map((child) => found(child, depth + 1, lines, what)),
    line: lineAt(lines, element.start),
    depth,
  }
}

/** Where each line begins. */
function linesOf(text: string): readonly number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

function lineAt(starts: readonly number[], offset: number): number {
  let low = 0
  let high = starts.length
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle
  }
  return low + 1
}

const DECLARED = /^<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z][\w.-]*)["']/

/** XML 1.0, section 4.3.3: by its mark, else as it declares, else UTF-8. Line ends are told as one character. */
function decoded(file: Uint8Array, what: string): string {
  try {
    return new TextDecoder(encodingOf(file), { fatal: true }).decode(file).replaceAll(/\r\n?/g, '\n')
  } catch {
    throw invalid(
      what,
      `is not in ${encodingOf(file)}, or that is no encoding that is read`,
      'UTF-8, or as it declares',
    )
  }
}

function encodingOf(file: Uint8Array): string {
  const [first, second] = file
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  const declared =
    DECLARED.exec(new TextDecoder('latin1').decode(file.subarray(0, 200)).replace(/^ï»¿/, ''))?.[1] ?? 'utf-8'
  // Whoever declares UTF-16 and has no mark was written again by a tool that forgot the declaration.
  return /^utf-16/i.test(declared) ? 'utf-8' : declared
}

const tooDeep = (what: string): InvalidInput => invalid(what, `nests deeper than ${DEEPEST} elements`, 'fewer levels')

const invalid = (what: string, why: string, expected: string): InvalidInput =>
  new InvalidInput('invalid_request', `${what} ${why}.`, { field: what, expected })
