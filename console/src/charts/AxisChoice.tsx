import { useSearchParams } from 'wouter'

import { AXES, type Axis } from './losses'

const CHOICE = 'x'

// Over what the losses are drawn stands in the page's address.
export function useAxis() {
  const [search, setSearch] = useSearchParams()
  const axis: Axis = search.get(CHOICE) === 'time' ? 'time' : 'step'
  function choose(next: string) {
    setSearch(
      (old) => {
        const search = new URLSearchParams(old)
        if (next === 'time') search.set(CHOICE, next)
        else search.delete(CHOICE)
        return search
      },
      { replace: true },
    )
  }
  return { axis, choose }
}

export function AxisChoice() {
  const { axis, choose } = useAxis()
  return (
    <label className="inline">
      Over
      <select value={axis} onChange={({ target }) => choose(target.value)}>
        {Object.entries(AXES).map(([name, words]) => (
          <option key={name} value={name}>
            {words}
          </option>
        ))}
      </select>
    </label>
  )
}
