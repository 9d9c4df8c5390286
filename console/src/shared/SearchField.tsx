import { useEffect, useRef } from 'react'

type SearchProps = { value: string; onSearch: (text: string) => void }

// What is typed into it, without the spaces around; when the address changes by itself, it shows that.
export function SearchField({ value, onSearch }: SearchProps) {
  const input = useRef<HTMLInputElement>(null)

  useEffect(() => {
    if (input.current && input.current.value.trim() !== value) input.current.value = value
  }, [value])

  return (
    <input
      ref={input}
      type="search"
      maxLength={200}
      defaultValue={value}
      onChange={({ target }) => onSearch(target.value.trim())}
    />
  )
}
