/**
 * One more process at the same queue: it publishes or works off when it is told to, and says how far it is.
 */
import { perSecond } from '../place.js'
import type { Queue, Recipe } from '../queue/contender.js'
import { contenderOf } from '../queue/field.js'
import { jobAt } from '../queue/job.js'

export type Order =
  /** The first: at whose queue, and in which database. Answered when it is open. */
  | { readonly do: 'open'; readonly recipe: Recipe; readonly url: string }
  | { readonly do: 'publish'; readonly from: number; readonly count: number; readonly callers: number }
  /** Begins to work off. */
  | { readonly do: 'work' }
  /** Answered with the number of jobs it has run. */
  | { readonly do: 'count' }
  /** Answered with the number of jobs that are not finished, whoever has them. */
  | { readonly do: 'unfinished' }

let queue: Queue | undefined
let run = 0
let close = () => {}

process.on('message', (order: Order) => {
  obey(order).then(
    (answer) => process.send?.(answer),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})
process.on('disconnect', () => close())
process.send?.('ready')

async function obey(order: Order): Promise<number> {
  if (order.do === 'open') return open(order)
  if (queue === undefined) throw new TypeError('The queue is not open yet.')
  if (order.do === 'publish') return publish(queue, order)
  if (order.do === 'unfinished') return queue.unfinished()
  if (order.do === 'work') await queue.work(() => void run++)
  return run
}

function open({ recipe, url }: Order & { do: 'open' }): Promise<number> {
  return new Promise((resolve, reject) => {
    const until = new Promise<void>((ended) => {
      close = ended
    })
    const work = async (opened: Queue) => {
      queue = opened
      resolve(0)
      await until
    }
    contenderOf(recipe)
      .use(work, url)
      .then(() => process.exit(), reject)
  })
}

const publish = (to: Queue, { from, count, callers }: Order & { do: 'publish' }): Promise<number> =>
  perSecond(count, callers, (index) => to.enqueue(jobAt(from + index)))
