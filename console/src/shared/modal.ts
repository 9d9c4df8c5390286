// A native modal dialog: it keeps the focus inside, closes with Escape and gives the focus back.

import { useEffect, useRef } from 'react'

// `harmless` is the button that it begins on.
export function useModal() {
  const dialog = useRef<HTMLDialogElement>(null)
  const harmless = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    dialog.current?.showModal()
    harmless.current?.focus()
  }, [])
  return { dialog, harmless, close: () => dialog.current?.close() }
}
