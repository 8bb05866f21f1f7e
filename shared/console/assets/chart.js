// A chart of numbers over time, drawn by uPlot on a canvas, with the same numbers in a
// table for whoever reads or prints them.
import { details, h } from './dom.js'
import { me, number } from './state.js'
import { grid } from './ui.js'

// Each line has a colour and a dash of its own: nobody has to tell them by colour alone.
const styles = [
  { colour: '#0b6652', dash: [] }, { colour: '#a4262c', dash: [7, 4] }, { colour: '#1f5fa8', dash: [2, 3] },
  { colour: '#7a4b00', dash: [10, 3, 2, 3] }, { colour: '#6b3fa0', dash: [4, 2] },
]
const font = '13px system-ui, sans-serif', soft = '#52605b', line = '#e0e7e3'
const steps = [1, 2, 5].flatMap(n => Array.from({ length: 9 }, (_, e) => n * 10 ** e)).sort((a, b) => a - b)

// chart is of points, each { date, ...numbers }; series are the names of the numbers that
// it shows, with what they are called. A date is written by label.
export function chart(title, points, series, label) {
  const plot = h('div', 'plot'), readout = h('p', { class: 'note readout', 'aria-hidden': 'true' })
  const sums = series.map(s => points.reduce((sum, p) => sum + p[s.name], 0))
  const summary = me.t.c.chart.summary(title, label(points[0].date), label(points.at(-1).date), me.t.list(series.map((s, i) => `${s.label} ${number(sums[i])}`)))
  plot.setAttribute('role', 'img')
  plot.setAttribute('aria-label', summary)
  const figure = h('figure', { class: 'chart', 'data-chart': title },
    h('figcaption', {}, h('h3', {}, title)),
    h('ul', { class: 'legend' }, series.map((s, i) => h('li', {}, swatch(styles[i]), s.label, ' ', h('strong', {}, number(sums[i]))))),
    plot, readout,
    details(me.t.c.chart.table, grid(title, [me.t.c.chart.date, ...series.map(s => s.label)],
      points.filter(p => series.some(s => p[s.name])).map(p => [label(p.date), ...series.map(s => p[s.name])]))))
  if (sums.every(n => n === 0)) plot.replaceWith(h('p', { class: 'note', role: 'note' }, me.t.c.chart.empty))
  else draw(plot, points, series, label, readout)
  return figure
}

function draw(plot, points, series, label, readout) {
  let drawn
  const height = 220
  const options = width => ({
    width, height, legend: { show: false }, cursor: { drag: { x: false, y: false }, points: { size: 7 } },
    tzDate: at => uPlot.tzDate(new Date(at * 1e3), 'UTC'), // a date is UTC's midnight here
    scales: { y: { range: (_, __, most) => [0, Math.max(4, most * 1.08)] } },
    axes: [
      { font, stroke: soft, grid: { show: false }, ticks: { stroke: line }, space: 84, incrs: [1, 2, 3, 7, 14, 28, 31, 61, 92].map(n => n * 86_400), values: (_, at) => at.map(s => label(s * 1e3)) },
      { font, stroke: soft, grid: { stroke: line, width: 1 }, ticks: { show: false }, size: 60, incrs: steps, values: (_, list) => list.map(number) },
    ],
    series: [{}, ...series.map((s, i) => ({ label: s.label, stroke: styles[i].colour, dash: styles[i].dash, width: 2, points: { show: points.length < 50, size: 5 } }))],
    hooks: {
      setCursor: [u => {
        const p = points[u.cursor.idx]
        readout.textContent = p ? `${label(p.date)}: ${series.map(s => `${s.label} ${number(p[s.name])}`).join(' · ')}` : ''
      }],
    },
  })
  const data = [points.map(p => p.date / 1e3), ...series.map(s => points.map(p => p[s.name]))]
  new ResizeObserver(() => {
    const width = plot.clientWidth
    if (width < 50) return
    if (drawn) drawn.setSize({ width, height })
    else drawn = new uPlot(options(width), data, plot)
  }).observe(plot)
}

// swatch shows a line's look beside its name.
function swatch({ colour, dash }) {
  const svg = (tag, props) => {
    const e = document.createElementNS('http://www.w3.org/2000/svg', tag)
    for (const [name, value] of Object.entries(props)) e.setAttribute(name, value)
    return e
  }
  const picture = svg('svg', { width: 26, height: 10, 'aria-hidden': true })
  picture.append(svg('line', { x1: 0, x2: 26, y1: 5, y2: 5, stroke: colour, 'stroke-width': 3, 'stroke-dasharray': dash.join(' ') }))
  return picture
}
