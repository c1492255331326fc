/**
 * An event's change brought to an entry, so that a repeat changes nothing: a directory has no transactions over several requests, but
 * each of its refusals says what is there already. With a guard the entry keeps the sequence of the event last written, and one
 * modification takes the old one away and puts the new one in: whoever came in between makes it fail, and is looked at again.
 */
import { type Attributes, type Change, type Directory, LdapRefusal } from './directory.js'
import type { EntryChange, Guard } from './plan.js'

/** `unchanged`: told before, or a newer event was, or there is nothing to do. */
export type Applied = 'added' | 'changed' | 'deleted' | 'renamed' | 'unchanged'

/** RFC 4511, section 4.1.9. */
const NO_SUCH_ATTRIBUTE = 16
const CONSTRAINT_VIOLATION = 19
const VALUE_EXISTS = 20
const NO_SUCH_ENTRY = 32
const ENTRY_EXISTS = 68

/** @throws LdapRefusal; EgressError */
export function apply(directory: Directory, change: EntryChange): Promise<Applied> {
  switch (change.operation) {
    case 'add':
      return add(directory, change)
    case 'modify':
      return modify(directory, change)
    case 'put':
      return put(directory, change)
    case 'delete':
      return remove(directory, change)
    case 'rename':
      return rename(directory, change)
  }
}

async function add(directory: Directory, change: EntryChange): Promise<Applied> {
  const wanted = attributesOf(change)
  const refusal = await refused([ENTRY_EXISTS], () => directory.add(change.dn, wanted))
  if (refusal === null) return 'added'
  if (change.guard ? await isTold(directory, change.dn, change.guard) : await has(directory, change.dn, wanted))
    return 'unchanged'
  throw refusal
}

/** All that a new entry has. */
const attributesOf = ({ attributes, addValues, guard }: EntryChange): Attributes =>
  merged([...attributes, ...addValues, ...(guard === null ? [] : [sequenceValue(guard)])]).filter(
    ({ values }) => values.length > 0,
  )

const sequenceValue = ({ attribute, sequence }: Guard) => ({ name: attribute, values: [Buffer.from(sequence)] })

/** Each attribute once, each value once. */
function merged(attributes: Attributes): Attributes {
  const names = [...new Set(attributes.map(({ name }) => name.toLowerCase()))]
  return names.map((name) => {
    const same = attributes.filter((each) => each.name.toLowerCase() === name)
    const values = new Map(same.flatMap((each) => each.values.map((value) => [value.toString('hex'), value] as const)))
    return { name: same[0]?.name ?? name, values: [...values.values()] }
  })
}

/** A directory writes some values its own way (names, classes), so it is asked about those that it shows otherwise. */
async function has(directory: Directory, dn: string, wanted: Attributes): Promise<boolean> {
  const found = await directory.read(
    dn,
    wanted.map(({ name }) => name),
  )
  const known = (name: string) => found?.find((each) => each.name.toLowerCase() === name.toLowerCase())?.values ?? []
  for (const { name, values } of wanted)
    for (const value of values)
      if (!known(name).some((each) => each.equals(value)) && !(await directory.compare(dn, name, value))) return false
  return true
}

async function modify(directory: Directory, change: EntryChange): Promise<Applied> {
  if (change.guard !== null) return await modifyGuarded(directory, change, change.guard)
  if (asksNothing(change)) return 'unchanged'
  await changeValues(directory, change)
  await modifyAll(directory, change.dn, replacements(change))
  return 'changed'
}

/** Of an entry that is there. The directory is then not asked, and does not say whether it is. */
const asksNothing = (change: EntryChange): boolean =>
  change.guard === null &&
  replacements(change).length === 0 &&
  [...change.addValues, ...change.removeValues].every(({ values }) => values.length === 0)

async function modifyGuarded(directory: Directory, change: EntryChange, guard: Guard): Promise<Applied> {
  for (let before: string | null = null; ; ) {
    const known = await valuesOf(directory, change.dn, guard)
    if (isNewer(known, guard)) return 'unchanged'
    await changeValues(directory, change)
    const exchange = [...exchangeOf(known, guard), ...replacements(change)]
    const refusal = await refused([NO_SUCH_ATTRIBUTE, CONSTRAINT_VIOLATION, VALUE_EXISTS], () =>
      directory.modify(change.dn, exchange),
    )
    if (refusal === null) return 'changed'
    // Somebody came in between, or it is refused for another reason.
    const seen = known.join()
    if (seen === before) throw refusal
    before = seen
  }
}

/** Only if it is still what was read. */
const exchangeOf = (known: readonly Buffer[], { attribute, sequence }: Guard): readonly Change[] => [
  ...(known.length === 0 ? [] : [{ operation: 'delete' as const, name: attribute, values: known }]),
  { operation: 'add', name: attribute, values: [Buffer.from(sequence)] },
]

/** The classes of an entry that is there are its own affair; those to be added are among `addValues`. */
const replacements = ({ attributes }: EntryChange): readonly Change[] =>
  attributes
    .filter(({ name }) => name.toLowerCase() !== 'objectclass')
    .map((attribute) => ({ operation: 'replace', ...attribute }))

/** One at a time: a directory refuses all of a request when one of its values is there, or gone, already. */
async function changeValues(directory: Directory, { dn, addValues, removeValues }: EntryChange): Promise<void> {
  for (const [operation, attributes, code] of [
    ['add', addValues, VALUE_EXISTS],
    ['delete', removeValues, NO_SUCH_ATTRIBUTE],
  ] as const) {
    for (const { name, values } of attributes)
      for (const value of values)
        await refused([code], () => directory.modify(dn, [{ operation, name, values: [value] }]))
  }
}

/** RFC 4511, section 4.6: a modification of nothing is not allowed by all. */
async function modifyAll(directory: Directory, dn: string, changes: readonly Change[]): Promise<void> {
  if (changes.length > 0) await directory.modify(dn, changes)
}

async function put(directory: Directory, change: EntryChange): Promise<Applied> {
  const applied = await modifyIfThere(directory, change)
  if (applied !== null) return applied
  const refusal = await refused([ENTRY_EXISTS], () => directory.add(change.dn, attributesOf(change)))
  if (refusal === null) return 'added'
  // It came in between.
  return await modify(directory, change)
}

/** Null: there is no such entry. */
async function modifyIfThere(directory: Directory, change: EntryChange): Promise<Applied | null> {
  if (asksNothing(change)) return (await directory.read(change.dn, [])) === null ? null : 'unchanged'
  let applied: Applied = 'unchanged'
  const missing = await refused([NO_SUCH_ENTRY], async () => {
    applied = await modify(directory, change)
  })
  return missing === null ? applied : null
}

async function remove(directory: Directory, { dn, guard }: EntryChange): Promise<Applied> {
  if (guard !== null && (await isTold(directory, dn, guard))) return 'unchanged'
  return (await refused([NO_SUCH_ENTRY], () => directory.remove(dn))) === null ? 'deleted' : 'unchanged'
}

/** A repeat finds the entry under its new name; what else is to be changed is changed there. */
async function rename(directory: Directory, change: EntryChange): Promise<Applied> {
  const { dn, guard } = change
  const newDn = change.newDn ?? dn
  if (guard !== null && (await isTold(directory, dn, guard))) return 'unchanged'
  const missing = newDn === dn ? null : await refused([NO_SUCH_ENTRY], () => directory.rename(dn, newDn))
  if (missing !== null && (await directory.read(newDn, [])) === null) throw missing
  const applied = await modify(directory, { ...change, dn: newDn })
  return missing === null ? 'renamed' : guard === null ? 'unchanged' : applied
}

async function isTold(directory: Directory, dn: string, guard: Guard): Promise<boolean> {
  return isNewer(await valuesOf(directory, dn, guard), guard)
}

/** Empty too if there is no such entry. */
async function valuesOf(directory: Directory, dn: string, { attribute }: Guard): Promise<readonly Buffer[]> {
  return (await directory.read(dn, [attribute]))?.[0]?.values ?? []
}

/** What is no sequence of ours is older than all. */
const isNewer = (known: readonly Buffer[], { sequence }: Guard): boolean =>
  known.map(String).some((text) => /^\d{20}$/.test(text) && text >= sequence)

/** The refusal if it is one of these; null if there was none. @throws any other. */
async function refused(codes: readonly number[], work: () => Promise<void>): Promise<LdapRefusal | null> {
  try {
    await work()
    return null
  } catch (error) {
    if (error instanceof LdapRefusal && codes.includes(error.code)) return error
    throw error
  }
}
