package engine

// maxPool takes the greatest of each k x k window; positions outside x do not count.
func maxPool(a *arena, x volume, k, stride int, p padding) volume {
	h, top := p.window(x.h, k, stride)
	w, left := p.window(x.w, k, stride)
	y := a.volume(h, w, x.c)
	for i := range h {
		for j := range w {
			to := y.data[(i*w+j)*x.c:][:x.c]
			first := true
			for yy := max(i*stride-top, 0); yy < min(i*stride-top+k, x.h); yy++ {
				for xx := max(j*stride-left, 0); xx < min(j*stride-left+k, x.w); xx++ {
					from := x.data[(yy*x.w+xx)*x.c:][:x.c]
					if first {
						copy(to, from)
						first = false
						continue
					}
					raise(to, from)
				}
			}
		}
	}
	return y
}

func raise(to, from []float32) {
	from = from[:len(to)]
	for i, v := range from {
		if v > to[i] {
			to[i] = v
		}
	}
}

// halve averages each 2 x 2 window.
func halve(a *arena, x volume) volume {
	y := a.volume(x.h/2, x.w/2, x.c)
	for i := range y.h {
		for j := range y.w {
			to := y.data[(i*y.w+j)*x.c:][:x.c]
			for _, at := range [4]int{2*i*x.w + 2*j, 2*i*x.w + 2*j + 1, (2*i+1)*x.w + 2*j, (2*i+1)*x.w + 2*j + 1} {
				for c, v := range x.data[at*x.c:][:x.c] {
					to[c] += v / 4
				}
			}
		}
	}
	return y
}
