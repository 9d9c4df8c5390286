// Reads golden records from JSON Lines, in batches that fit into one request.

import type { GoldenRecordInput } from '../gql/graphql'

const MOST_TOGETHER = 500
const MOST_TOGETHER_CHARACTERS = 200_000
const KEYS = ['prompt_text', 'promptText', 'sql', 'metadata']

// The text of the file; throws an error if it is in another encoding: a browser would replace what it cannot read.
export function textIn(bytes: ArrayBuffer) {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new Error('This is not UTF-8. For UTF-16: graphql-api golden-records import.')
  }
}

// One golden record for each line that is not empty; throws an error that names the first wrong line.
export function recordsIn(text: string): GoldenRecordInput[] {
  const lines = text.split('\n')
  return lines.flatMap((line, index) => (line.trim() ? [recordIn(line, index + 1)] : []))
}

function recordIn(line: string, number: number): GoldenRecordInput {
  const given = objectIn(line)
  if (!given) throw new Error(`Line ${number} is no JSON object.`)
  const unknown = Object.keys(given).find((key) => !KEYS.includes(key))
  if (unknown !== undefined) throw new Error(`Line ${number} has the unknown key “${unknown}”.`)
  const promptText = given['prompt_text'] ?? given['promptText']
  const { sql, metadata } = given
  if (!isText(promptText)) throw new Error(`Line ${number} has no prompt_text.`)
  if (!isText(sql)) throw new Error(`Line ${number} has no sql.`)
  if (metadata == null) return { promptText, sql }
  if (!isStringMap(metadata)) throw new Error(`Line ${number}: metadata must be an object of strings.`)
  return { promptText, sql, metadata }
}

function objectIn(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== ''

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isStringMap = (value: unknown): value is Record<string, string> =>
  isObject(value) && Object.values(value).every((one) => typeof one === 'string')

export function* batchesOf(records: GoldenRecordInput[]): Generator<GoldenRecordInput[]> {
  let batch: GoldenRecordInput[] = []
  let characters = 0
  for (const record of records) {
    const own = JSON.stringify(record).length
    if (batch.length === MOST_TOGETHER || (batch.length > 0 && characters + own > MOST_TOGETHER_CHARACTERS)) {
      yield batch
      batch = []
      characters = 0
    }
    batch.push(record)
    characters += own
  }
  if (batch.length > 0) yield batch
}
