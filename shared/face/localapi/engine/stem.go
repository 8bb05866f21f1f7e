package engine

import "gonum.org/v1/gonum/blas/gonum"

// stem is a 3 x 3 convolution without padding over three colours, together with the
// 2 x 2 pooling behind it. It is the widest layer by far, with the fewest channels,
// and a matrix product spends most of its time on the ends of short rows. So it goes
// plane by plane: each filter value is multiplied with two whole rows of one colour.
type stem struct{ conv }

// run convolves and pools x, whose side must be even.
func (s stem) run(a *arena, x volume) volume {
	colours := s.planes(a, x)
	y := a.volume(x.h/2-1, x.w/2-1, s.out)
	rows := a.floats(s.out * 2 * x.w) // two rows of results for each channel
	for i := range y.h {
		s.rows(rows, colours, 2*i, x.h, x.w)
		for j := range y.w {
			to := y.data[(i*y.w+j)*y.c:][:y.c]
			for c := range to {
				top := rows[c*2*x.w+2*j:]
				to[c] = max(top[0], top[1], top[x.w], top[x.w+1])
			}
		}
	}
	return y
}

// planes separates the colours of x.
func (s stem) planes(a *arena, x volume) []float32 {
	n := x.h * x.w
	planes := a.floats(s.in * n)
	for i, v := range x.data {
		planes[i%s.in*n+i/s.in] = v
	}
	return planes
}

// rows computes the results of rows y and y+1 in every channel. The last two positions
// of a row reach around its end and mean nothing.
func (s stem) rows(to, planes []float32, y, h, w int) {
	for c := range s.out {
		sum := to[c*2*w:][:2*w]
		for i := range sum {
			sum[i] = s.bias[c]
		}
		for tap := range s.k * s.k * s.in {
			colour, kx, ky := tap%s.in, tap/s.in%s.k, tap/s.in/s.k
			from := planes[colour*h*w+(y+ky)*w+kx:]
			gonum.Implementation{}.Saxpy(2*w-2, s.weights[tap*s.out+c], from, 1, sum, 1)
		}
	}
}
