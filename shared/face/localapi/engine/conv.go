package engine

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

// patchFloats bounds the matrix of unrolled patches (1 MB), so that it stays in the
// cache and a large picture needs no large matrix.
const patchFloats = 1 << 18

// conv is an ordinary convolution. Its filters are stored [ky][kx][in][out], which is
// a matrix with one row per input of a patch and one column per output.
type conv struct {
	k, in, out    int
	weights, bias []float32
}

// run convolves x: it unrolls a few rows of patches at a time into a matrix and
// multiplies it with the filters.
func (c conv) run(a *arena, x volume, stride int, p padding) volume {
	h, top := p.window(x.h, c.k, stride)
	w, left := p.window(x.w, c.k, stride)
	y := a.volume(h, w, c.out)
	for i := 0; i < len(y.data); i += c.out {
		copy(y.data[i:], c.bias)
	}
	if c.k == 1 && stride == 1 {
		multiply(x.data, c.weights, y.data, h*w, c.in, c.out)
		return y
	}
	depth := c.k * c.k * c.in
	rows := min(h, max(1, patchFloats/(w*depth)))
	patches := a.floats(rows * w * depth)
	for row := 0; row < h; row += rows {
		n := min(rows, h-row)
		for i := range n {
			c.unroll(patches[i*w*depth:(i+1)*w*depth], x, (row+i)*stride-top, left, stride)
		}
		multiply(patches, c.weights, y.data[row*w*c.out:], n*w, depth, c.out)
	}
	return y
}

// unroll writes the patches of one row of positions, the first of which starts at
// (-left, top) of x. Outside x there are zeros.
func (c conv) unroll(to []float32, x volume, top, left, stride int) {
	span := c.k * c.in
	for at, x0 := 0, -left; at < len(to); x0 += stride {
		from, till := max(x0, 0), min(x0+c.k, x.w)
		for ky := range c.k {
			row := to[at : at+span]
			at += span
			yy := top + ky
			if yy < 0 || yy >= x.h || from >= till {
				clear(row)
				continue
			}
			clear(row[:(from-x0)*c.in])
			copy(row[(from-x0)*c.in:], x.data[(yy*x.w+from)*c.in:(yy*x.w+till)*c.in])
			clear(row[(till-x0)*c.in:])
		}
	}
}

// multiply adds the product of a (m x k) and b (k x n) to c (m x n).
func multiply(a, b, c []float32, m, k, n int) {
	gonum.Implementation{}.Sgemm(blas.NoTrans, blas.NoTrans, m, n, k, 1, a, k, b, n, 1, c, n)
}

// separable is a 3 x 3 filter per channel followed by a mix of the channels.
type separable struct {
	depthwise []float32 // [ky][kx][channel]
	pointwise conv
}

// run convolves x with zeros around it.
func (s separable) run(a *arena, x volume, stride int) volume {
	return s.pointwise.run(a, s.filter(a, x, stride), 1, valid)
}

func (s separable) filter(a *arena, x volume, stride int) volume {
	h, top := same.window(x.h, 3, stride)
	w, left := same.window(x.w, 3, stride)
	y := a.volume(h, w, x.c)
	for i := range h {
		for ky := range 3 {
			yy := i*stride - top + ky
			if yy < 0 || yy >= x.h {
				continue
			}
			row, f := x.data[yy*x.w*x.c:][:x.w*x.c], s.depthwise[ky*3*x.c:][:3*x.c]
			for j := range w {
				s.across(y.data[(i*w+j)*x.c:][:x.c], row, f, j*stride-left)
			}
		}
	}
	return y
}

// across adds one row of a filter to one position, whose three neighbours start at
// column x0 of the row.
func (separable) across(to, row, f []float32, x0 int) {
	n := len(to)
	if x0 >= 0 && (x0+3)*n <= len(row) {
		row = row[x0*n:]
		accumulate3(to, row[:n], row[n:2*n], row[2*n:3*n], f[:n], f[n:2*n], f[2*n:3*n])
		return
	}
	for kx := range 3 {
		if at := (x0 + kx) * n; at >= 0 && at < len(row) {
			accumulate(to, row[at:], f[kx*n:])
		}
	}
}

// accumulate adds the products of x and f, element by element.
func accumulate(to, x, f []float32) {
	x, f = x[:len(to)], f[:len(to)]
	for i := range to {
		to[i] += x[i] * f[i]
	}
}

// accumulate3 adds three products at once, which spares two of three walks over to.
func accumulate3(to, x, y, z, f, g, h []float32) {
	x, y, z = x[:len(to)], y[:len(to)], z[:len(to)]
	f, g, h = f[:len(to)], g[:len(to)], h[:len(to)]
	for i := range to {
		to[i] += x[i]*f[i] + y[i]*g[i] + z[i]*h[i]
	}
}
