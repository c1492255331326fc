/**
 * What evaluating a CEL expression may cost, counted in units: a step of a macro is one, and whatever reads
 * the event again in each step pays for its size. CEL ends by itself, but `list.all(x, list.all(y, ...))` over
 * 100,000 elements ends next week; the library has limits only for parsing.
 */
import type { ASTNode } from '@marcbachmann/cel-js'
import type { WireView } from './wire-view.js'

/** About 20 ms of steps on a slow core. */
export const BUDGET = 20_000
/** Characters of an event that one unit pays to read. */
const UNIT_SIZE = 1024
/** Outside of macros so many reads are free: what most expressions do is not even counted. */
const FREE_READS = 16

export class CostExceeded extends Error {
  constructor() {
    super('it takes too many steps on this event')
    this.name = 'CostExceeded'
  }
}

/** Counts one evaluation at a time: evaluation is synchronous. */
export class Meter {
  #left = 0
  #view: Pick<WireView, 'size'> | null = null

  begin(view: Pick<WireView, 'size'>): void {
    this.#left = BUDGET
    this.#view = view
  }

  /** CEL swallows errors (`all`, `exists`, `&&`, `||`): whatever was yielded, it counts only if this is false. */
  get exceeded(): boolean {
    return this.#left < 0
  }

  /** @throws CostExceeded */
  spend(units: number): void {
    this.#left -= units
    if (this.exceeded) throw new CostExceeded()
  }

  /** Pays for reading the whole event once. */
  spendRead(): void {
    this.spend(1 + Math.floor((this.#view?.size ?? 0) / UNIT_SIZE))
  }
}

export const MACROS: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'map', 'filter'])

/** Operators whose work grows with the length of their operands. */
const READING = new Set(['==', '!=', 'in', '+', '<', '<=', '>', '>='])

export function childrenOf(node: ASTNode): readonly ASTNode[] {
  switch (node.op) {
    case 'value':
    case 'id':
      return []
    case '.':
    case '.?':
      return [node.args[0]]
    case 'call':
      return node.args[1]
    case 'rcall':
      return [node.args[1], ...node.args[2]]
    case 'map':
      return node.args.flat()
    case '!_':
    case '-_':
      return [node.args]
    default:
      return node.args
  }
}

interface Plan {
  /** Evaluated once a step. */
  readonly bodies: { readonly node: ASTNode; readonly macro: string }[]
  /** Read more than their own element, once a step. */
  readonly rereads: ASTNode[]
  /** Read the event, outside of any macro. */
  readonly reads: ASTNode[]
}

interface Scope {
  readonly inMacro: boolean
  /** Variables whose values are disjoint parts of the event: reading each once reads the event once. */
  readonly own: ReadonlySet<string>
}

/**
 * Makes the expression count its steps on `meter`. Changes the nodes: call it once, before the first evaluation.
 * @param variables what it reads.
 */
export function meterSteps(root: ASTNode, meter: Meter, variables: readonly string[] = ['event', 'data']): void {
  const plan: Plan = { bodies: [], rereads: [], reads: [] }
  collect(root, { inMacro: false, own: new Set(variables) }, plan)
  const costly = plan.reads.length > FREE_READS ? [...plan.rereads, ...plan.reads] : plan.rereads
  for (const node of costly) before(node, () => meter.spendRead())
  // Last, so in front: a step that must end is ended before anything in it is paid for.
  for (const { node, macro } of plan.bodies) before(node, () => step(meter, macro))
}

/** `all` and `exists` go on after an error, for a list of any length; the answer that decides them ends them. */
function step(meter: Meter, macro: string): boolean | undefined {
  if (meter.exceeded && macro === 'all') return false
  if (meter.exceeded && macro === 'exists') return true
  meter.spend(1)
  return undefined
}

function collect(node: ASTNode, scope: Scope, plan: Plan): void {
  if (node.op === 'rcall' && MACROS.has(node.args[0])) {
    collectMacro(node.args, scope, plan)
    return
  }
  if (reads(node) && !scope.inMacro) plan.reads.push(node)
  else if (reads(node) && mentionsOther(node, scope.own)) plan.rereads.push(node)
  for (const child of childrenOf(node)) collect(child, scope, plan)
}

type MacroCall = (ASTNode & { op: 'rcall' })['args']

function collectMacro([macro, receiver, [variable, ...bodies]]: MacroCall, scope: Scope, plan: Plan): void {
  collect(receiver, scope, plan)
  const name = variable?.op === 'id' && isPath(receiver, scope.own) ? [variable.args] : []
  for (const body of bodies) {
    plan.bodies.push({ node: body, macro })
    collect(body, { inMacro: true, own: new Set(name) }, plan)
  }
}

const reads = (node: ASTNode): boolean =>
  node.op === 'rcall' || (node.op === 'call' && node.args[0] !== 'has') || READING.has(node.op)

const mentionsOther = (node: ASTNode, own: ReadonlySet<string>): boolean =>
  node.op === 'id' ? !own.has(node.args) : childrenOf(node).some((child) => mentionsOther(child, own))

/** A part of the event named by a path, such as `data.members`: not something built from it. */
function isPath(node: ASTNode, own: ReadonlySet<string>): boolean {
  if (node.op === 'id') return own.has(node.args)
  if (node.op === '.') return isPath(node.args[0], own)
  return node.op === '[]' && node.args[1].op === 'value' && isPath(node.args[0], own)
}

/**
 * Runs `pay` before each evaluation of the node; what it answers, if anything, is the node's value. The library evaluates a node by its method `evaluate`, which
 * replaces itself at the first call; an accessor stays in front of whatever it becomes. `cel.test.ts` would
 * see it if a later version did otherwise.
 */
function before(node: ASTNode, pay: () => unknown): void {
  let evaluate: unknown = Reflect.get(node, 'evaluate')
  const metered = (...args: unknown[]): unknown => {
    const value = pay()
    if (value !== undefined) return value
    if (typeof evaluate !== 'function') throw new TypeError('cel-js evaluates its nodes in another way.')
    return Reflect.apply(evaluate, node, args)
  }
  Object.defineProperty(node, 'evaluate', {
    // A node may be a step and a read at once: then it has two payers.
    configurable: true,
    get: () => metered,
    set: (next: unknown) => {
      evaluate = next
    },
  })
}
