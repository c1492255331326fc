/**
 * Event notification plug-ins as processors: each is a witness, or asynchronous where its class is declared slow.
 */
import {
  type AnyEvent,
  InvalidInput,
  instanceOf,
  NATIVE_TYPES,
  type Registrar,
  type Registration,
} from '../../src/index.js'
import { aimsEventOf } from './aims-event.js'
import { catalogueOf } from './catalogue.js'
import { type Configuration, missingIn, optionsOf } from './configuration-template.js'
import { type Kinds, NAMED_WITHOUT_NUMBER } from './kinds.js'
import { type EventNotificationPlugin, type Group, groupOf, plugInOf } from './plug-in.js'

/** Those the file can spell: a key ends at `=`, `:` and white space. */
const NAME = /^[^\s=:,\p{Cc}]{1,80}$/u
/** A qualified name of Java, or whatever else the table of classes has. */
const CLASS = /^[\p{L}_$][\p{L}\p{N}_$]*(\.[\p{L}_$][\p{L}\p{N}_$]*)*$/u

export const isPluginName = (text: string): boolean => NAME.test(text)
export const isClassName = (text: string): boolean => text.length <= 500 && CLASS.test(text)

/** A registration's `data` is the plug-in's name in the file. */
export const registrarOf = (kinds: Kinds): Registrar => {
  const groups = groupsOf(kinds)
  return {
    name: 'activid-cms',
    title: 'Event notification plug-ins of ActivID CMS',
    className: (text) => text.trim(),
    check: checked,
    frame: ({ class: name, data = '' }, known) => ({
      name: processorName(data),
      module: 'activid-cms',
      kind: known?.asynchronous ? 'asynchronous' : 'witness',
      description: `Event notification plug-in ${name}`,
      types: ['activid-cms.*', ...NAMED_WITHOUT_NUMBER],
      ...(known?.deadline !== undefined && { deadline: known.deadline }),
    }),
    shown: (data) => data,
    async start({ class: name, data = '' }, known) {
      const made = async (each: unknown) => begin(await plugInOf(each, name), data)
      const instance = await instanceOf(known, name, made, ANSWERING)
      return {
        frame: await instance.use(async ({ frame }) => frame),
        close: () => instance.close(),
        run: (event, { options, signal, tenant }) =>
          instance.use(async ({ plugIn, configure }, inner) => {
            await configure(options)
            await plugIn[groups(event)](aimsEventOf(event, kinds), { signal: inner, tenant })
          }, signal),
      }
    },
  }
}

/** The methods that tell something; the others are void. */
const ANSWERING = ['getConfigurationTemplate', 'getInterfaceVersion', 'getVersion'] as const

async function begin(plugIn: EventNotificationPlugin, name: string) {
  const template = await plugIn.getConfigurationTemplate()
  const frame = optionsOf(template)
  await plugIn.init()
  await plugIn.onSetParams({ name })
  return { plugIn, frame, configure: configuring(plugIn, (given) => requireInputs(missingIn(template, given), name)) }
}

/** At most 128 characters in all, and of those that names of processors may have. */
export const processorName = (plugIn: string): string => `activid-cms:${plugIn.replace(/[^\w.-]/g, '_')}`

function checked({ class: given, event, data = '' }: Registration): Registration {
  const name = given.trim()
  if (!isClassName(name)) throw wrong('class', `${JSON.stringify(given)} names no class.`, 'com.example.MyPlugin')
  if (!isPluginName(data))
    throw wrong('data', 'The name of the plug-in is missing or cannot be one.', 'the name, as `plugins` lists it')
  if (event !== undefined)
    throw wrong('event', 'A plug-in hears every event; what it does not care for it does not write.', 'no event')
  return { class: name, data }
}

const wrong = (field: string, message: string, expected: string): InvalidInput =>
  new InvalidInput('invalid_request', message, { field, expected })

/** Which method hears an event: by the category of its type, never by its number. */
function groupsOf(kinds: Kinds): (event: AnyEvent) => Group {
  const types = new Map([...NATIVE_TYPES, ...catalogueOf(kinds)].map((type) => [type.name, type]))
  return ({ type }) => {
    const known = types.get(type)
    return groupOf([type, ...(known?.caseOf === undefined ? [] : [known.caseOf])], known?.category)
  }
}

/** Hands the inputs over before the first event, and again once they have changed. Two events at once wait for the same handing. */
function configuring(plugIn: EventNotificationPlugin, check: (given: Configuration) => void) {
  let last = ''
  let handing: Promise<void> = Promise.resolve()
  return (given: Configuration): Promise<void> => {
    check(given)
    const text = JSON.stringify(given)
    if (text === last) return handing
    last = text
    handing = Promise.resolve(plugIn.setConfiguration(given)).catch((error: unknown) => {
      last = ''
      throw error
    })
    return handing
  }
}

function requireInputs(missing: readonly string[], plugIn: string): void {
  if (missing.length === 0) return
  const set = `tocsin processors set ${processorName(plugIn)} ${missing.map((name) => `${name}=...`).join(' ')}`
  throw new Error(`It was not given ${missing.join(', ')}: ${set}`)
}
