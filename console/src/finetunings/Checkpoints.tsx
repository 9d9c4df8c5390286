import { useState } from 'react'

import type { FinetuningViewFragment } from '../gql/graphql'

// The models kept during the training: usable even if it fails or is cancelled.
export function Checkpoints({ checkpoints }: { checkpoints: FinetuningViewFragment['checkpoints'] }) {
  if (checkpoints.length === 0) return null
  return (
    <section aria-labelledby="checkpoints-title">
      <h3 id="checkpoints-title">Checkpoints</h3>
      <ul className="checkpoints">
        {checkpoints.map(({ id, stepNumber, modelId }) => (
          <li key={id}>
            <span className="hint">step {stepNumber}</span>
            <code>{modelId}</code>
            <CopyButton text={modelId} of={`the model of step ${stepNumber}`} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function CopyButton({ text, of }: { text: string; of: string }) {
  const [isCopied, setCopied] = useState(false)
  if (!window.isSecureContext) return null // without HTTPS a page may not write to the clipboard

  async function copy() {
    await navigator.clipboard.writeText(text)
    setCopied(true)
  }

  return (
    <button type="button" aria-label={`${isCopied ? 'Copied' : 'Copy'} ${of}`} onClick={copy}>
      {isCopied ? 'Copied' : 'Copy'}
    </button>
  )
}
