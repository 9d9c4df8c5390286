import { useSearch } from '../shared/search'
import { AXES, type Axis } from './losses'

const CHOICE = 'x'

// Over what the losses are drawn stands in the page's address.
export function useAxis() {
  const [search, change] = useSearch()
  const axis: Axis = search.get(CHOICE) === 'time' ? 'time' : 'step'
  const choose = (next: string) => change({ [CHOICE]: next === 'time' ? next : '' })
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
