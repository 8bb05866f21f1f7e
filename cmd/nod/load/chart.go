package load

import (
	"fmt"
	"html/template"
	"strings"
	"time"
)

// line is one curve of a chart.
type line struct {
	Name   string
	Values []float64
}

// chart draws curves over time as SVG: self-contained, without script.
type chart struct {
	Title, Unit string
	At          []time.Duration
	Lines       []line
}

const (
	chartWidth, chartHeight = 860.0, 220.0
	left, bottom            = 60.0, 24.0
)

var colours = []string{"#1f5fbf", "#c2410c", "#15803d", "#7e22ce"}

// SVG is safe: names are ours, and all else are numbers.
func (c chart) SVG() template.HTML {
	top, end := 1.0, time.Second
	for _, l := range c.Lines {
		for _, v := range l.Values {
			top = max(top, v)
		}
	}
	for _, at := range c.At {
		end = max(end, at)
	}
	x := func(at time.Duration) float64 { return left + (chartWidth-left-10)*at.Seconds()/end.Seconds() }
	y := func(v float64) float64 { return 10 + (chartHeight-bottom-10)*(1-v/top) }
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %g %g" role="img" aria-label="%s">`, chartWidth, chartHeight, template.HTMLEscapeString(c.Title))
	for n := range 5 {
		v, at := top*float64(n)/4, end*time.Duration(n)/4
		fmt.Fprintf(&b, `<path d="M%g %.1fH%g" stroke="#ddd"/><text x="%g" y="%.1f" text-anchor="end">%s</text>`,
			left, y(v), chartWidth-10, left-6, y(v)+4, number(v))
		fmt.Fprintf(&b, `<text x="%.1f" y="%g" text-anchor="middle">%s</text>`, x(at)-float64(n)*5, chartHeight-6, at.Round(time.Second))
	}
	for n, l := range c.Lines {
		fmt.Fprintf(&b, `<polyline fill="none" stroke-width="1.6" stroke="%s" points="`, colours[n%len(colours)])
		for i, v := range l.Values {
			fmt.Fprintf(&b, "%.1f,%.1f ", x(c.At[i]), y(v))
		}
		b.WriteString(`"/>`)
	}
	b.WriteString(`</svg><p class="key">`)
	for n, l := range c.Lines {
		fmt.Fprintf(&b, `<span style="color:%s">&#9644; %s</span> `, colours[n%len(colours)], template.HTMLEscapeString(l.Name))
	}
	b.WriteString(`</p>`)
	return template.HTML(b.String())
}

func number(v float64) string {
	if v < 10 {
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.0f", v)
}
