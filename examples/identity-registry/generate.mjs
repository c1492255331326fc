#!/usr/bin/env node
/**
 * Writes SQL that fills the registry of schema.sql with made-up people, and SQL that goes on changing it; the same numbers give the
 * same text.
 *
 *     node generate.mjs --people 1000 | psql registry
 *     node generate.mjs --people 1000 --changes 500 --seed 7 | psql registry      (changes of the people that are there already)
 */
import { fileURLToPath } from 'node:url'

const FIRST = ['Ada', 'Grace', 'Alan', 'Edsger', 'Barbara', 'Donald', 'Frances', 'John', 'Radia', 'Tim']
const LAST = ['Average', 'Hopper', 'Kay', 'Liskov', 'Perlman', 'Allen', 'Backus', 'Lovelace', 'Turing', 'Naur']
const SOURCES = [1, 2, 3, 4]

/** A small seeded generator (mulberry32): from 0 up to 1. */
function seeded(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const below = (random, limit) => Math.floor(random() * limit)
const pick = (random, values) => values[below(random, values.length)]
const text = (value) => `'${String(value).replaceAll("'", "''")}'`

/** A person by number: whoever makes the same number gets the same person. */
function person(number) {
  const random = seeded(number + 1)
  const regid = Array.from({ length: 32 }, () => below(random, 16).toString(16))
    .join('')
    .toUpperCase()
  const [first, last] = [pick(random, FIRST), pick(random, LAST)]
  const netid = `${first.slice(0, 1)}${last}`.toLowerCase() + number
  return { number, regid, first, last, netid, source: pick(random, SOURCES), id: String(100_000_000 + number) }
}

/** The rows of so many people, a transaction for each. */
export function* population(people) {
  for (let number = 0; number < people; number++) {
    const { regid, first, last, netid, source, id } = person(number)
    yield 'BEGIN'
    yield `INSERT INTO idreg.regid (regid, internal_key) VALUES (${text(regid)}, ${number})`
    yield `INSERT INTO idreg.validation (source, id, regid, internal_key) VALUES (${source}, ${text(id)}, ${text(regid)}, ${number})`
    yield `INSERT INTO idreg.verify (source, id, regid, first_name, last_name) VALUES (${source}, ${text(id)}, ${text(regid)}, ${text(first)}, ${text(last)}), (0, ${text(regid)}, ${text(regid)}, ${text(first)}, ${text(last)})`
    yield `INSERT INTO idreg.category (source, id, regid, category) VALUES (${source}, ${text(id)}, ${text(regid)}, ${source})`
    yield `INSERT INTO idreg.uwnetid (uwnetid, regid, status) VALUES (${text(netid)}, ${text(regid)}, ${number % 10 === 9 ? "'wanted'" : "'active'"})`
    yield `INSERT INTO idreg.subscription (uwnetid, subscription) VALUES (${text(netid)}, 60)`
    if (source === 4 && number > 0)
      yield `INSERT INTO idreg.sponsor (regid, sponsor) VALUES (${text(regid)}, ${text(person(number - 1).regid)})`
    yield 'COMMIT'
  }
}

/** Each is a transaction; every tenth is rolled back, every tenth takes back a part of itself. */
export function* changes(people, count, seed) {
  const random = seeded(seed)
  for (let number = 0; number < count; number++) {
    const way = below(random, 10)
    yield 'BEGIN'
    yield pick(random, DEEDS)(person(below(random, people)), random)
    if (way === 0) {
      yield 'SAVEPOINT part'
      yield pick(random, DEEDS)(person(below(random, people)), random)
      yield 'ROLLBACK TO SAVEPOINT part'
    }
    yield way === 1 ? 'ROLLBACK' : 'COMMIT'
  }
}

const DEEDS = [
  ({ regid }, random) =>
    `UPDATE idreg.verify SET first_name = ${text(pick(random, FIRST))} WHERE source = 0 AND id = ${text(regid)}`,
  ({ source, id }, random) =>
    `UPDATE idreg.verify SET last_name = ${text(pick(random, LAST))} WHERE source = ${source} AND id = ${text(id)}`,
  ({ source, id }, random) =>
    `UPDATE idreg.validation SET status = ${text(pick(random, ['active', 'former']))} WHERE source = ${source} AND id = ${text(id)}`,
  ({ source, id }, random) =>
    `UPDATE idreg.category SET status = ${1 + below(random, 3)} WHERE source = ${source} AND id = ${text(id)}`,
  ({ netid }, random) =>
    `UPDATE idreg.uwnetid SET status = ${text(pick(random, ['wanted', 'active', 'disabled']))} WHERE uwnetid = ${text(netid)}`,
  ({ netid }, random) =>
    `UPDATE idreg.subscription SET forward = ${text(`${below(random, 99)}@example.org`)} WHERE uwnetid = ${text(netid)}`,
  ({ regid }, random) =>
    `UPDATE idreg.regid SET status = ${text(pick(random, ['active', 'former']))} WHERE regid = ${text(regid)}`,
  ({ regid }) => `DELETE FROM idreg.sponsor WHERE regid = ${text(regid)}`,
]

function numberOf(name, args, otherwise) {
  const at = args.indexOf(`--${name}`)
  return at < 0 ? otherwise : Number(args[at + 1])
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const args = process.argv.slice(2)
  const people = numberOf('people', args, 100)
  const count = numberOf('changes', args, 0)
  const statements = count > 0 ? changes(people, count, numberOf('seed', args, 1)) : population(people)
  for (const statement of statements) process.stdout.write(`${statement};\n`)
}
