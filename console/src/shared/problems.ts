// Errors for people: the code's meaning for them, and the server's own sentence.

import type { CombinedError } from 'urql'

export type Problem = { code: string; title: string; detail: string }

const TITLES: Record<string, string> = {
  BAD_USER_INPUT: 'The server cannot use this value',
  UNAUTHENTICATED: 'The server asks for an API key or a token, at the top of this page',
  FORBIDDEN: 'Your credential does not allow this',
  FINETUNING_NOT_FOUND: 'This finetuning does not exist',
  FINETUNING_NOT_CANCELLABLE: 'Too late: it had ended by itself, and nothing was cancelled',
  DB_CONNECTION_NOT_FOUND: 'This database connection does not exist',
  INSUFFICIENT_GOLDEN_RECORDS: 'There are too few golden records to train on',
  TRAINING_FILE_TOO_LARGE: 'Too much for one training: choose fewer records, or fewer tables',
  MODEL_NOT_SUPPORTED: 'This model may not be trained here',
  PROVIDER_NOT_SUPPORTED: 'This provider is not known here',
  RATE_LIMITED: 'Too much at once; the page asks again by itself',
  STORE_UNAVAILABLE: 'The server cannot reach its database; asking again is safe',
  INTERNAL_SERVER_ERROR: 'The server met with something unexpected',
}
const PASSING = new Set(['STORE_UNAVAILABLE', 'RATE_LIMITED', 'INTERNAL_SERVER_ERROR'])

const UNREACHABLE: Problem = {
  code: 'NETWORK',
  title: 'The server cannot be reached',
  detail: 'Whether the request arrived is not known. Asking again is safe.',
}

export function problemOf(error: CombinedError | undefined): Problem | null {
  if (!error) return null
  const [refusal] = error.graphQLErrors
  if (!refusal) return UNREACHABLE
  const code = String(refusal.extensions['code'] ?? 'ERROR')
  return { code, title: TITLES[code] ?? 'The server refused this', detail: refusal.message }
}

// Whether asking again may help, without a change.
export const isPassing = ({ extensions }: { extensions?: Record<string, unknown> }) =>
  PASSING.has(String(extensions?.['code']))

export function mayHeal(error: CombinedError | undefined): boolean {
  if (!error) return false
  return error.graphQLErrors.length === 0 || error.graphQLErrors.some(isPassing)
}
