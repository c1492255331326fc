/**
 * A form from a JSON Schema: of a transport's target, of a processor's options. What the form has no field for is JSON.
 */
import type { ComponentChildren } from 'preact'
import { useId, useState } from 'preact/hooks'

export interface Schema {
  readonly type?: string | readonly string[]
  readonly title?: string
  readonly description?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly default?: unknown
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly additionalProperties?: Schema | boolean
  readonly writeOnly?: boolean
  readonly format?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly maxLength?: number
}

type Fields = Readonly<Record<string, unknown>>

interface FormProps {
  readonly schema: Schema
  readonly value: Fields
  /** The path of the field the server found wrong. */
  readonly wrong?: string | undefined
  readonly path?: string
  /** Secrets are kept on the server: an empty field leaves them as they are. */
  readonly keepsSecrets?: boolean
  /** It may be left out as a whole: what it requires is asked for once any of it is said. */
  readonly optional?: boolean
  change(value: Fields): void
}

/** What is required first; the rest behind a fold when there is much. */
const SHOWN_AT_ONCE = 4

export function SchemaForm({
  schema,
  value,
  wrong,
  path = '',
  keepsSecrets = false,
  optional = false,
  change,
}: FormProps) {
  const required = optional && Object.keys(value).length === 0 ? [] : (schema.required ?? [])
  const names = Object.keys(schema.properties ?? {})
  // Where a field stands does not change while one types.
  const [known] = useState(Object.keys(value))
  const first = names.filter((name) => schema.required?.includes(name) || known.includes(name))
  const rest = names.filter((name) => !first.includes(name))
  const [open] = useState(first.length === 0 && rest.length <= SHOWN_AT_ONCE)
  const field = (name: string) => (
    <AnyField
      key={name}
      name={name}
      schema={schema.properties?.[name] ?? {}}
      required={required.includes(name)}
      value={value[name]}
      wrong={wrong}
      path={path === '' ? name : `${path}.${name}`}
      keepsSecrets={keepsSecrets}
      change={(next) => change(without({ ...value, [name]: next }))}
    />
  )
  return (
    <div class="stack">
      {first.map(field)}
      {rest.length > 0 && (
        <details open={open}>
          <summary>{first.length === 0 ? 'Options' : 'Further options'}</summary>
          <div class="stack">{rest.map(field)}</div>
        </details>
      )}
      {names.length === 0 && <p class="faint">It asks for nothing.</p>}
    </div>
  )
}

const without = (value: Fields): Fields =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined))

interface AnyFieldProps {
  readonly name: string
  readonly schema: Schema
  readonly required: boolean
  readonly value: unknown
  readonly wrong: string | undefined
  readonly path: string
  readonly keepsSecrets: boolean
  change(value: unknown): void
}

function AnyField(props: AnyFieldProps) {
  const { name, schema, required, value, path, wrong, keepsSecrets, change } = props
  if (schema.properties) {
    return (
      <fieldset>
        <legend>{schema.title ?? name}</legend>
        {schema.description && <p class="faint small">{schema.description}</p>}
        <SchemaForm
          schema={schema}
          value={isFields(value) ? value : {}}
          {...{ wrong, path, keepsSecrets }}
          optional={!required}
          change={(next) => change(Object.keys(next).length === 0 ? undefined : next)}
        />
      </fieldset>
    )
  }
  if (schema.type === 'boolean') return <Check {...props} />
  if (schema.enum) return <Choice {...props} />
  if (schema.type === 'integer' || schema.type === 'number') return <NumberField {...props} />
  if (schema.type === 'string') return <TextField {...props} />
  if (schema.type === 'array' && isPlain(schema.items)) return <Lines {...props} />
  return <JsonField {...props} />
}

const isPlain = (items: Schema | undefined): boolean => ['string', 'integer', 'number'].includes(String(items?.type))

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

interface LabelledProps extends Pick<AnyFieldProps, 'name' | 'schema' | 'required' | 'wrong' | 'path'> {
  readonly children: (id: string, about: string) => ComponentChildren
  readonly hint?: string | undefined
}

function Labelled({ name, schema, required, wrong, path, hint, children }: LabelledProps) {
  const id = useId()
  const isWrong = wrong === path || wrong?.endsWith(`.${path}`) === true
  const text = [schema.description, hint].filter(Boolean).join(' ')
  return (
    <div>
      <label for={id}>
        {schema.title ?? name}
        {!required && <span class="hidden"> (optional)</span>}
      </label>
      {children(id, `${id}-about`)}
      <small id={`${id}-about`} class={isWrong ? 'wrong' : 'faint'}>
        {isWrong && 'This is what is wrong. '}
        {text}
      </small>
    </div>
  )
}

function TextField(props: AnyFieldProps) {
  const { schema, value, required, keepsSecrets, change } = props
  const secret = schema.writeOnly === true
  const long = (schema.maxLength ?? 0) > 10_000
  const hint = secret && keepsSecrets ? 'Kept; leave it empty to leave it as it is.' : undefined
  return (
    <Labelled {...props} hint={hint}>
      {(id, about) => {
        const shared = {
          id,
          'aria-describedby': about,
          required: required && !(secret && keepsSecrets),
          value: typeof value === 'string' ? value : '',
          autocomplete: 'off' as const,
          onInput: ({ currentTarget }: { readonly currentTarget: { readonly value: string } }) =>
            change(currentTarget.value === '' ? undefined : currentTarget.value),
        }
        if (long) return <textarea {...shared} rows={4} />
        return secret ? (
          <input {...shared} type="password" />
        ) : (
          <input {...shared} inputMode={schema.format === 'uri' ? 'url' : 'text'} />
        )
      }}
    </Labelled>
  )
}

const NumberField = (props: AnyFieldProps) => (
  <Labelled {...props}>
    {(id, about) => (
      <input
        id={id}
        aria-describedby={about}
        type="number"
        min={props.schema.minimum}
        max={props.schema.maximum}
        step={props.schema.type === 'integer' ? 1 : 'any'}
        required={props.required}
        value={typeof props.value === 'number' ? props.value : ''}
        onInput={({ currentTarget: { value, valueAsNumber } }) =>
          props.change(value === '' ? undefined : valueAsNumber)
        }
      />
    )}
  </Labelled>
)

const Choice = (props: AnyFieldProps) => (
  <Labelled {...props}>
    {(id, about) => (
      <select
        id={id}
        aria-describedby={about}
        required={props.required}
        value={props.value === undefined ? '' : String(props.value)}
        onChange={({ currentTarget: { value } }) =>
          props.change(props.schema.enum?.find((each) => String(each) === value))
        }
      >
        <option value="">{props.required ? 'choose' : 'as usual'}</option>
        {props.schema.enum?.map((each) => (
          <option key={String(each)} value={String(each)}>
            {String(each)}
          </option>
        ))}
      </select>
    )}
  </Labelled>
)

const Check = ({ name, schema, value, change }: AnyFieldProps) => (
  <label class="check">
    <input
      type="checkbox"
      checked={value === true}
      onChange={({ currentTarget: { checked } }) => change(checked || undefined)}
    />
    <span>
      {schema.title ?? name} <small>{schema.description}</small>
    </span>
  </label>
)

function Lines(props: AnyFieldProps) {
  const isText = props.schema.items?.type === 'string'
  const [text, setText] = useState(Array.isArray(props.value) ? props.value.join('\n') : '')
  const change = (next: string) => {
    setText(next)
    const lines = next.split('\n').filter((line) => line.trim() !== '')
    // What is no number yet is sent as it is: the server says what is wrong with it.
    const values = lines.map((line) => (isText || Number.isNaN(Number(line)) ? line : Number(line)))
    props.change(values.length === 0 ? undefined : values)
  }
  return (
    <Labelled {...props} hint="One a line.">
      {(id, about) => (
        <textarea
          id={id}
          aria-describedby={about}
          rows={3}
          required={props.required}
          value={text}
          onInput={({ currentTarget }) => change(currentTarget.value)}
        />
      )}
    </Labelled>
  )
}

function JsonField(props: AnyFieldProps) {
  const { schema, value, keepsSecrets, change } = props
  const [text, setText] = useState(value === undefined ? '' : JSON.stringify(value, null, 2))
  const [broken, setBroken] = useState(false)
  const kept = schema.writeOnly && keepsSecrets ? 'Kept; leave it empty to leave it as it is.' : ''
  return (
    <Labelled {...props} hint={broken ? 'This is not JSON yet.' : `JSON, such as ${example(schema)}. ${kept}`}>
      {(id, about) => (
        <textarea
          id={id}
          aria-describedby={about}
          aria-invalid={broken}
          rows={3}
          value={text}
          onInput={({ currentTarget }) => {
            setText(currentTarget.value)
            const read = currentTarget.value.trim() === '' ? { value: undefined } : parsed(currentTarget.value)
            setBroken(read === null)
            if (read) change(read.value)
          }}
        />
      )}
    </Labelled>
  )
}

const example = ({ type }: Schema): string =>
  type === 'array' ? '[]' : type === 'object' ? '{"name": "value"}' : '"text"'

function parsed(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return null
  }
}
