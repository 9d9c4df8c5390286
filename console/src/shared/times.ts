const CLOCK = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })
const CALENDAR = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' })

export const clock = (time: string) => CLOCK.format(new Date(time))
export const calendar = (time: string) => CALENDAR.format(new Date(time))
