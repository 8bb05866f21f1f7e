// Days as they are where the enterprise is, whatever this device's clock thinks.

const pieces = new Map()

// offset is by how much a zone's clocks are ahead of UTC at an instant, in milliseconds.
function offset(at, zone) {
  if (!pieces.has(zone)) {
    pieces.set(zone, new Intl.DateTimeFormat('en', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' }))
  }
  const p = Object.fromEntries(pieces.get(zone).formatToParts(at).map(({ type, value }) => [type, +value]))
  return Date.UTC(p.year, p.month - 1, p.day, p.hour, p.minute, p.second) - Math.floor(at / 1000) * 1000
}

// dateOf is the date that an instant has in a zone, as UTC's midnight.
export function dateOf(at, zone) {
  const local = new Date(+at + offset(+at, zone))
  return Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate())
}

export const oneDay = 86_400_000

// midnight is when a date (as UTC's midnight) begins in a zone.
export const midnight = (date, zone) => date - offset(date - offset(date, zone), zone)

// days are the dates of so many days up to today.
export function days(n, zone, now = Date.now()) {
  const today = dateOf(now, zone)
  return Array.from({ length: n }, (_, i) => today + (i - n + 1) * oneDay)
}

// beginning is the first day of the week (Monday) or the month that a date is in.
export function beginning(date, unit) {
  const d = new Date(date)
  if (unit === 'month') return Date.UTC(d.getUTCFullYear(), d.getUTCMonth(), 1)
  return unit === 'week' ? date - (d.getUTCDay() + 6) % 7 * oneDay : date
}
