// The schema's enum in words; a value added there does not compile here without its words.

import type { CancellationPhase, FinetuningViewFragment } from './gql/graphql.js'

const PHASES: Record<CancellationPhase, string> = {
  REQUESTED: 'recorded for good; the provider has not confirmed yet',
  CONFIRMED: 'cancelled; the training has stopped',
  OVERTAKEN: 'it had finished first: nothing was cancelled',
  UNCONFIRMED: 'closed, but not confirmed: look at the provider',
}

export function lineOf({ id, alias, status, cancellation }: FinetuningViewFragment): string {
  const verdict = cancellation ? `  ${cancellation.phase}: ${PHASES[cancellation.phase]}` : ''
  return `${id}  ${status}  ${alias}${verdict}`
}
